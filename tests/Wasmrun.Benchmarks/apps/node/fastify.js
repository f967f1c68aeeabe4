const app = require('fastify')();

app.get('/', async () => ({ hello: 'world' }));
app.listen({ port: Number(process.env.PORT), host: '0.0.0.0' });
