const http = require('node:http');
const { Pool } = require('pg');

const [host, port] = process.env.DATABASE.split(':');
const pool = new Pool({ host, port: Number(port), user: 'me', password: 'secret', database: 'shop', max: 2 });

http.createServer(async (request, response) => {
  try {
    const { rows, command } = await pool.query('SELECT $1::text AS name, 42 AS answer', ['Ada']);
    response.end(JSON.stringify({ rows, command }));
  } catch (error) {
    response.writeHead(500).end(error.stack);
  }
}).listen(process.env.PORT);
