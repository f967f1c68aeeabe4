// As much of a PostgreSQL server as one client with one question needs: the start, a password, and the extended protocol.
const net = require('node:net');

const message = (type, ...parts) => {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const int16 = (value) => { const bytes = Buffer.alloc(2); bytes.writeInt16BE(value); return bytes; };
const int32 = (value) => { const bytes = Buffer.alloc(4); bytes.writeInt32BE(value); return bytes; };
const text = (value) => Buffer.from(value + '\0');
const field = (name, type) => Buffer.concat([text(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]);
const value = (bytes) => Buffer.concat([int32(bytes.length), bytes]);

net.createServer((socket) => {
  let pending = Buffer.alloc(0);
  let started = false;
  let parameter = Buffer.alloc(0);
  const answers = {
    p: () => [message('R', int32(0)), message('Z', Buffer.from('I'))],
    P: () => [message('1')],
    B: (body) => { parameter = readParameter(body); return [message('2')]; },
    D: () => [message('T', int16(2), field('name', 25), field('answer', 23))],
    E: () => [message('D', int16(2), value(parameter), value(Buffer.from('42'))), message('C', text('SELECT 1'))],
    S: () => [message('Z', Buffer.from('I'))],
    X: () => { socket.end(); return []; },
  };
  socket.on('error', () => {});
  socket.on('data', (data) => {
    pending = Buffer.concat([pending, data]);
    for (;;) {
      const skip = started ? 1 : 0;
      if (pending.length < skip + 4) return;
      const end = skip + pending.readInt32BE(skip);
      if (pending.length < end) return;
      const body = pending.subarray(skip + 4, end);
      const type = started ? String.fromCharCode(pending[0]) : '';
      pending = pending.subarray(end);
      if (started) for (const answer of (answers[type] || (() => []))(body)) socket.write(answer);
      else { started = true; socket.write(message('R', int32(3))); }
    }
  });
}).listen(process.env.PORT);

// The first parameter of a Bind message: behind the names of portal and statement, and the formats.
function readParameter(body) {
  let at = body.indexOf(0) + 1;
  at = body.indexOf(0, at) + 1;
  at += 2 + 2 * body.readInt16BE(at) + 2;
  const length = body.readInt32BE(at);
  return Buffer.from(body.subarray(at + 4, at + 4 + length));
}
