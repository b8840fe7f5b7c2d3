// What agent and operator use of prom-client: its index also loads node:cluster and the default metrics.
'use strict';
module.exports = {
  Registry: require('../../node_modules/prom-client/lib/registry'),
  Counter: require('../../node_modules/prom-client/lib/counter'),
  Gauge: require('../../node_modules/prom-client/lib/gauge'),
  Histogram: require('../../node_modules/prom-client/lib/histogram'),
};
