import Fastify from 'fastify';

const app = Fastify();

app.get('/users/:id', {
  schema: { params: { type: 'object', properties: { id: { type: 'integer' } } }, response: { 200: { type: 'object', properties: { id: { type: 'integer' } } } } },
}, async (request) => ({ id: request.params.id, hidden: true }));
app.post('/echo', async (request, reply) => reply.code(201).send(request.body));
await app.listen({ port: Number(process.env.PORT), host: '0.0.0.0' });
