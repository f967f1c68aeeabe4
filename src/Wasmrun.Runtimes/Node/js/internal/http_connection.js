// One connection of a server: keep-alive and pipelining, answers in the order of the questions.
'use strict';

const { host } = internal;
const { clock } = require('internal/timers');
const { coded } = require('internal/errors');
const { Parser, parseError } = require('internal/http_parser');

const { captured, prototype: { emit } } = require('events');
const MAX_PIPELINED = 64;
const BAD_URL = /[^\u0021-\u007e]/;
const METHOD_SET = new Set(require('internal/http_codes').METHODS);

class Connection {
  constructor(server, socket) {
    this.server = server;
    this.socket = socket;
    this.parser = new Parser(this, server.maxHeaderSize);
    this.request = null;
    // The response whose turn it is, and those after it.
    this.current = null;
    this.queue = [];
    this.waiting = [];
    this.requests = 0;
    this.inputEnded = false;
    this.isPaused = false;
    this.closing = false;
    this.upgraded = false;
    this.deadline = 0;
    this.line = null;
    this.method = '';
    this.url = '';
    this.minor = 1;
    this.lineText = '';
    this.blockText = '';
    // What the block says, if it is a head as most are.
    this.fields = null;
    socket._raw = this;
    socket.on('error', (error) => {
      if (!this.upgraded && !server.emit('clientError', error, socket)) socket.destroy();
    });
    this.startTimer(server.headersTimeout);
    host.netRead(socket._handle, true, true);
  }

  // The server looks after all of its connections from time to time; a timer for each would cost more than the requests.
  startTimer(delay) {
    if (delay > 0) {
      this.deadline = clock() + delay;
      if (!(delay >= this.server._enough)) this.server._watch(delay);
    } else {
      this.deadline = 0;
    }
  }
  stopTimer() { this.deadline = 0; }

  expire() {
    this.deadline = 0;
    if (this.current !== null && this.request === null) return;
    if (this.requests > 0 && this.request === null && this.parser.pending === '') this.socket.destroy();
    else this.fail(coded(Error, 'ERR_HTTP_REQUEST_TIMEOUT', 'Request timeout'));
  }

  // One whole head, as most of what comes is: its first line and the rest, each undefined when it is that of the head before.
  onWholeHead(line, block) {
    const { parser } = this;
    if (line === undefined && block === undefined && this.fields !== null && !this.upgraded && parser.takesHead(0)) {
      this.fields.line = this.lineText;
      this.onPlainHead(this.fields);
      return;
    }
    if (line !== undefined) this.lineText = line;
    if (block !== undefined) this.blockText = block;
    this.fields = null;
    const { lineText, blockText } = this;
    if (this.upgraded || !parser.takesHead(lineText.length + blockText.length + 2)) {
      this.onData(this.packet());
      return;
    }
    try {
      parser.begin(lineText, blockText);
      if (parser.fields.isPlain && this.method !== 'CONNECT') this.fields = parser.fields;
    } catch (error) {
      if (typeof error.code !== 'string' || !error.code.startsWith('HPE_')) throw error;
      error.rawPacket = this.packet();
      this.fail(error);
      return;
    }
    if (this.upgraded) this.handOver(Buffer.alloc(0));
  }

  // The bytes of that head.
  packet() { return Buffer.from(`${this.lineText}\r\n${this.blockText === '' ? '' : `${this.blockText}\r\n`}\r\n`, 'latin1'); }

  onData(bytes) {
    if (this.parser.stopped) {
      this.waiting.push(bytes);
      return;
    }
    try {
      const used = this.parser.execute(bytes);
      if (this.upgraded) this.handOver(bytes.subarray(used));
      else if (used < bytes.length) this.waiting.push(bytes.subarray(used));
    } catch (error) {
      if (typeof error.code !== 'string' || !error.code.startsWith('HPE_')) throw error;
      error.rawPacket = bytes;
      this.fail(error);
    }
  }

  fail(error) {
    this.parser.stopped = true;
    if (this.server.listenerCount('clientError') > 0) {
      this.socket.on('error', () => {});
      this.server.emit('clientError', error, this.socket);
      return;
    }
    if (this.current === null || !this.current.headersSent) {
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
      this.socket.writeRaw(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    }
    this.socket.destroy();
  }

  // The first line of a request, which most clients repeat too.
  readLine(line) {
    const first = line.indexOf(' ');
    const last = line.lastIndexOf(' ');
    const minor = line.endsWith('HTTP/1.1') ? 1 : line.endsWith('HTTP/1.0') ? 0 : -1;
    const url = line.slice(first + 1, last);
    if (first <= 0 || last <= first || minor < 0 || line.length !== last + 9) {
      throw minor < 0 && first > 0 ? parseError('HPE_INVALID_VERSION', 'Invalid HTTP version') : parseError('HPE_INVALID_METHOD', 'Invalid method encountered');
    }
    if (url === '' || BAD_URL.test(url)) throw parseError('HPE_INVALID_URL', 'Invalid characters in url');
    const method = line.slice(0, first);
    if (!METHOD_SET.has(method)) throw parseError('HPE_INVALID_METHOD', 'Invalid method encountered');
    this.method = method;
    this.url = url;
    this.minor = minor;
    this.line = line;
  }

  onHead(head) {
    if (head.line !== this.line) this.readLine(head.line);
    const { method, minor, server } = this;
    if (head.isPlain && method !== 'CONNECT') {
      this.onPlainHead(head);
      return 'done';
    }
    if (head.hosts > 1) throw parseError('HPE_INVALID_HEADER_TOKEN', 'Host header is there twice');
    if (head.chunked && minor === 0) throw parseError('HPE_INVALID_TRANSFER_ENCODING', 'Transfer-Encoding in HTTP/1.0');
    const request = this.receive(head);
    this.startTimer(server.requestTimeout);
    const wantsUpgrade = method === 'CONNECT' || (head.upgrade && /\bupgrade\b/.test(head.connection));
    if (wantsUpgrade) {
      const event = method === 'CONNECT' ? 'connect' : 'upgrade';
      if (this.server.listenerCount(event) > 0) {
        request.upgrade = true;
        request._finish();
        this.request = request;
        this.upgraded = true;
        this.event = event;
        return 'upgrade';
      }
      if (method === 'CONNECT') {
        this.socket.destroy();
        return 'none';
      }
    }
    const answer = this.respond(request, head);
    if (minor === 1 && head.hosts === 0 && this.server.requireHostHeader) {
      answer.shouldKeepAlive = false;
      answer.writeHead(400, { Connection: 'close' });
      answer.end();
      return undefined;
    }
    if (head.expect !== undefined && minor === 1) {
      if (/^100-continue$/i.test(head.expect)) {
        if (this.server.listenerCount('checkContinue') > 0) {
          this.server.emit('checkContinue', request, answer);
          return undefined;
        }
        answer.writeContinue();
      } else if (this.server.listenerCount('checkExpectation') > 0) {
        this.server.emit('checkExpectation', request, answer);
        return undefined;
      } else {
        answer.writeHead(417);
        answer.end();
        return undefined;
      }
    }
    this.ask(request, answer);
    return undefined;
  }

  // As most requests are: there is no more to come of it.
  onPlainHead(head) {
    if (head.line !== this.line) this.readLine(head.line);
    const request = this.receive(head);
    const answer = this.respond(request, head);
    this.deadline = 0;
    // What emit does, without its arrays, unless the program has its own.
    const { server } = this;
    const handler = server._events.request;
    if (typeof handler === 'function' && server.emit === emit && !server[captured]) handler.call(server, request, answer);
    else server.emit('request', request, answer);
    if (this.request !== request) return;
    this.request = null;
    request.complete = true;
    if (request._isStream) request.push(null);
  }

  receive(head) {
    const { server } = this;
    const request = new server._IncomingMessage(this.socket);
    request.method = this.method;
    request.url = this.url;
    request._raw = head.raw;
    request._source = this;
    if (this.minor === 0) {
      request.httpVersionMinor = 0;
      request.httpVersion = '1.0';
    }
    const most = server.maxHeadersCount;
    if (most > 0 && head.raw.length > most * 2) request._raw = head.raw.slice(0, most * 2);
    this.requests++;
    return request;
  }

  // The response to a request, in its place among those that are still to be given.
  respond(request, head) {
    const { server } = this;
    this.request = request;
    const answer = new server._ServerResponse(request);
    answer._connection = this;
    answer.socket = this.socket;
    if (head.closes || (this.minor === 0 && !head.keeps)) answer.shouldKeepAlive = false;
    const limit = server.maxRequestsPerSocket;
    if (limit > 0 && this.requests >= limit) answer.shouldKeepAlive = false;
    if (this.current === null) {
      this.current = answer;
    } else {
      answer._waits = true;
      this.queue.push(answer);
      if (this.queue.length + 1 >= MAX_PIPELINED) this.pause();
    }
    return answer;
  }

  ask(request, answer) { this.server.emit('request', request, answer); }

  onBody(bytes) {
    if (this.request !== null && !this.request.destroyed && !this.request.push(bytes)) this.pause();
  }
  onTrailers(raw) { this.request.rawTrailers = raw; }
  onMessageEnd() {
    const request = this.request;
    this.request = null;
    this.stopTimer();
    if (request !== null) request._finish();
  }

  // No more from the wire until somebody wants it.
  pause() {
    if (!this.isPaused && this.socket._handle !== 0) {
      this.isPaused = true;
      host.netRead(this.socket._handle, false);
    }
  }
  resume() {
    if (this.isPaused && this.socket._handle !== 0) {
      this.isPaused = false;
      host.netRead(this.socket._handle, true);
    }
  }

  // A response has been handed over: the next one has its turn.
  finished(answer) {
    if (this.current !== answer) {
      answer._isDone = true;
      return;
    }
    const next = this.queue.length > 0 ? this.queue.shift() : null;
    const { req } = answer;
    this.current = next;
    answer._closed = true;
    if (req._source === this && this.request === req && !answer.shouldKeepAlive) this.parser.stopped = true;
    if (!req.complete || req._isStream) req._dump();
    if (answer._eventsCount > 0) process.nextTick(() => answer.emit('close'));
    if (!answer.shouldKeepAlive || (this.inputEnded && next === null)) {
      this.stopTimer();
      this.socket.destroySoon();
      return;
    }
    if (next !== null) {
      next._start();
      if (next._isDone) this.finished(next);
    } else if (this.request === null) {
      if (this.server._isClosing) this.socket.destroySoon();
      else this.startTimer(this.server.keepAliveTimeout > 0 ? this.server.keepAliveTimeout + 1000 : 0);
    }
    if (this.isPaused && this.queue.length + 1 < MAX_PIPELINED) this.resume();
  }

  onDrain() {
    const answer = this.current;
    if (answer !== null && answer._needsDrain) {
      answer._needsDrain = false;
      answer.emit('drain');
    }
  }

  onEnd() {
    this.inputEnded = true;
    if (!this.parser.finish() && this.request === null && this.current === null) {
      this.fail(parseError('HPE_INVALID_EOF_STATE', 'Invalid EOF state'));
      return;
    }
    if (this.request !== null) this.abortRequest();
    // Who has left does not wait for an answer: responses under way are told.
    if (this.current === null || !this.server.httpAllowHalfOpen) this.socket.destroySoon();
  }

  abortRequest() {
    const request = this.request;
    this.request = null;
    if (request.destroyed) return;
    request.aborted = true;
    const error = coded(Error, 'ECONNRESET', 'aborted');
    if (request.listenerCount('error') > 0) request.destroy(error);
    else {
      request.emit('aborted');
      request.complete = false;
      if (request._isStream) request.destroy();
      else process.nextTick(() => request.emit('close'));
    }
  }

  onClose() {
    this.stopTimer();
    if (this.request !== null && !this.upgraded) this.abortRequest();
    const answers = this.current === null ? [] : [this.current, ...this.queue];
    this.current = null;
    this.queue = [];
    for (const answer of answers) {
      if (!answer._closed) {
        answer.destroyed = true;
        answer._closed = true;
        answer.emit('close');
        if (answer.req.complete && !answer.req._isStream) answer.req.emit('close');
      }
    }
  }

  // The connection is the program's own from now on.
  handOver(rest) {
    this.stopTimer();
    const socket = this.socket;
    socket._becomeStream();
    socket.removeAllListeners('error');
    const request = this.request;
    this.request = null;
    this.server.emit(this.event, request, socket, rest);
    if (!socket.destroyed) socket.read(0);
  }

  get isIdle() { return this.current === null && this.request === null; }
}

module.exports = { Connection };
