const http = require('node:http');
const { createClient } = require('redis');

const client = createClient({ url: `redis://${process.env.STORE}` });
client.on('error', (error) => console.error(error));

http.createServer(async (request, response) => {
  try {
    if (!client.isOpen) await client.connect();
    await client.set('greeting', 'grüß dich', { EX: 100 });
    const answer = [await client.get('greeting'), await client.incr('count'), await client.exists('nothing'), await client.get('nothing')];
    response.end(JSON.stringify(answer));
  } catch (error) {
    response.writeHead(500).end(error.stack);
  }
}).listen(process.env.PORT);
