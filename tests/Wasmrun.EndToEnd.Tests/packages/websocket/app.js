// An echo over WebSocket, and a page that asks it as a client.
const http = require('node:http');
const { WebSocket, WebSocketServer } = require('ws');

const port = process.env.PORT;
const server = http.createServer((request, response) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`, { perMessageDeflate: request.url === '/deflate' });
  const received = [];
  socket.on('open', () => { socket.send('text'); socket.send(Buffer.from([1, 2, 3])); socket.send('x'.repeat(70000)); });
  socket.on('message', (data, isBinary) => {
    received.push(isBinary ? [...data] : data.length);
    if (received.length === 3) socket.close(1000, 'enough');
  });
  socket.on('close', (code, reason) => response.end(JSON.stringify({ received, code, reason: String(reason) })));
  socket.on('error', (error) => response.writeHead(500).end(error.stack));
});
const sockets = new WebSocketServer({ server, perMessageDeflate: true });
sockets.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })));
server.listen(port);
