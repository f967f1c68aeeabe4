const Koa = require('koa');

const app = new Koa();

app.use(async (context, next) => {
  await next();
  context.set('X-Path', context.path);
});
app.use(async (context) => {
  if (context.path === '/json') context.body = { query: context.query, ip: typeof context.ip };
  else if (context.path === '/fail') context.throw(418, 'teapot');
  else context.body = 'koa';
});
app.silent = true;
app.listen(process.env.PORT);
