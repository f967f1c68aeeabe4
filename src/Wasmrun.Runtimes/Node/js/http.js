'use strict';

const { STATUS_CODES, METHODS } = require('internal/http_codes');
const { IncomingMessage } = require('internal/http_incoming');
const { OutgoingMessage, validateHeaderName, validateHeaderValue } = require('internal/http_outgoing');
const { Server, ServerResponse } = require('internal/http_server');
const { Agent, ClientRequest, globalAgent } = require('internal/http_client');

function request(url, options, listener) {
  return new ClientRequest(url, options, listener);
}

function get(url, options, listener) {
  const made = request(url, options, listener);
  made.end();
  return made;
}

// Callable with and without "new", as older programs do.
function CallableServer(options, listener) {
  return Reflect.construct(Server, [options, listener], new.target || CallableServer);
}
Object.setPrototypeOf(CallableServer, Server);
CallableServer.prototype = Server.prototype;

module.exports = {
  STATUS_CODES, METHODS, IncomingMessage, OutgoingMessage, ServerResponse, Server: CallableServer, Agent, ClientRequest, globalAgent, request, get,
  validateHeaderName, validateHeaderValue, maxHeaderSize: 16384, setMaxIdleHTTPParsers() {},
  createServer: (options, listener) => new Server(options, listener),
  get WebSocket() { return undefined; },
};
