const http = require('node:http');

http.createServer((request, response) => {
  response.setHeader('Content-Type', 'text/plain');
  response.end('Hello, World!');
}).listen(process.env.PORT);
