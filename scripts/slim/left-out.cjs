// Stands in for what client-node imports and the operator never uses.
'use strict';

class LeftOut {
  constructor() {
    throw new Error('left out of the bundle: see scripts/bundle.ts');
  }
}

module.exports = {
  Agent: LeftOut,
  ProxyAgent: LeftOut,
  SocksProxyAgent: LeftOut,
  SocksClient: LeftOut,
  HttpProxyAgent: LeftOut,
  HttpsProxyAgent: LeftOut,
};
