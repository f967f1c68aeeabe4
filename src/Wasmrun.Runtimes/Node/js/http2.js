'use strict';

class Http2ServerRequest {}
class Http2ServerResponse {}

module.exports = require('internal/refused_module')('http2', ['connect', 'createServer', 'createSecureServer'], 'only HTTP/1.1 is there', {
  Http2ServerRequest, Http2ServerResponse, constants: { HTTP2_HEADER_PATH: ':path', HTTP2_HEADER_METHOD: ':method', HTTP2_HEADER_STATUS: ':status', HTTP2_HEADER_AUTHORITY: ':authority', HTTP2_HEADER_SCHEME: ':scheme' },
});
