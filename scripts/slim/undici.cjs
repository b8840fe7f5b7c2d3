// What the agent uses of undici: its index also loads fetch, WebSocket, caches and mocks, which cost 2 MB.
'use strict';
const Dispatcher = require('../../node_modules/undici/lib/dispatcher/dispatcher');
const Agent = require('../../node_modules/undici/lib/dispatcher/agent');

Object.assign(Dispatcher.prototype, { request: require('../../node_modules/undici/lib/api/api-request') });

module.exports = { Agent };
