'use strict';

const { Agent } = require('http');

class HttpsAgent extends Agent {
  constructor(options) {
    super(options);
    this.defaultPort = 443;
    this.protocol = 'https:';
  }
}

module.exports = require('internal/refused_module')('https', ['request', 'get', 'createServer', 'Server'],
  'TLS is not there; reach the other side with http, or through a proxy that speaks TLS', { Agent: HttpsAgent, globalAgent: new HttpsAgent({ keepAlive: true }) });
