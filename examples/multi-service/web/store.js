// Asks the store, in the protocol of Redis. One connection per question: the page asks seldom, and a store that is restarted
// is simply there again.
'use strict';

const net = require('node:net');

const [host, port] = (process.env.STORE || 'store:8080').split(':');

exports.ask = (...words) => new Promise((resolve, reject) => {
  const socket = net.connect({ host, port: Number(port) });
  let answer = '';
  socket.setTimeout(3000, () => socket.destroy(new Error('the store does not answer')));
  socket.setEncoding('utf8');
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('the store has closed the connection')));
  socket.on('data', (text) => {
    answer += text;
    if (!answer.includes('\r\n')) return;
    socket.end();
    const line = answer.slice(1, answer.indexOf('\r\n'));
    if (answer[0] === ':') resolve(Number(line));
    else if (answer[0] === '+') resolve(line);
    else reject(new Error(line));
  });
  socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
});
