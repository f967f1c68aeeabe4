'use strict';

const EventEmitter = require('events');
const { StringDecoder } = require('string_decoder');

class Interface extends EventEmitter {
  constructor(input, output) {
    super();
    const options = input && input.input ? input : { input, output };
    this.input = options.input;
    this.output = options.output;
    this.terminal = false;
    this.closed = false;
    this.line = '';
    this._prompt = options.prompt === undefined ? '> ' : options.prompt;
    this._questions = [];
    this._rest = '';
    const decoder = new StringDecoder('utf8');
    this._onData = (chunk) => this._take(decoder.write(chunk));
    this._onEnd = () => {
      if (this._rest !== '') this._line(this._rest);
      this._rest = '';
      this.close();
    };
    this.input.on('data', this._onData);
    this.input.on('end', this._onEnd);
    this.input.on('error', (error) => this.emit('error', error));
  }
  _take(text) {
    const lines = (this._rest + text).split(/\r\n|\n|\r(?!$)/);
    this._rest = lines.pop();
    for (const line of lines) this._line(line);
  }
  _line(line) {
    const question = this._questions.shift();
    if (question) question(line);
    else this.emit('line', line);
  }
  question(text, options, callback) {
    if (typeof options === 'function') callback = options;
    if (this.output) this.output.write(text);
    this._questions.push(callback);
  }
  setPrompt(prompt) { this._prompt = prompt; }
  getPrompt() { return this._prompt; }
  prompt() { if (this.output) this.output.write(this._prompt); }
  write() {}
  pause() {
    this.input.pause();
    this.emit('pause');
    return this;
  }
  resume() {
    this.input.resume();
    this.emit('resume');
    return this;
  }
  close() {
    if (this.closed) return;
    this.closed = true;
    this.input.removeListener('data', this._onData);
    this.input.removeListener('end', this._onEnd);
    this.input.pause();
    this.emit('close');
  }
  async* [Symbol.asyncIterator]() {
    const lines = [];
    let wake = () => {};
    this.on('line', (line) => {
      lines.push(line);
      wake();
    });
    this.on('close', () => wake());
    for (;;) {
      while (lines.length > 0) yield lines.shift();
      if (this.closed) return;
      await new Promise((resolve) => { wake = resolve; });
    }
  }
  [Symbol.dispose]() { this.close(); }
}

const ignore = (stream, ...rest) => {
  const callback = rest[rest.length - 1];
  if (typeof callback === 'function') process.nextTick(callback);
  return true;
};

module.exports = {
  Interface, createInterface: (input, output) => new Interface(input, output), clearLine: ignore, clearScreenDown: ignore, cursorTo: ignore,
  moveCursor: ignore, emitKeypressEvents() {},
  get promises() { return require('readline/promises'); },
};
