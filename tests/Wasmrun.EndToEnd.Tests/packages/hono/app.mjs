import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();

app.get('/users/:id', (context) => context.json({ id: context.req.param('id'), query: context.req.query('q') }));
app.post('/echo', async (context) => context.json(await context.req.json(), 201));
serve({ fetch: app.fetch, port: Number(process.env.PORT) });
