'use strict';

module.exports = require('internal/refused_module')('tls', ['connect', 'createServer', 'createSecureContext', 'TLSSocket', 'Server'],
  'TLS is not there; put a proxy that ends TLS in front of the service, and reach others in plain', {
    rootCertificates: [], DEFAULT_MIN_VERSION: 'TLSv1.2', DEFAULT_MAX_VERSION: 'TLSv1.3', getCiphers: () => [], checkServerIdentity() {},
  });
