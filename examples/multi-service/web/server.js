// The page that people see. Every view of it is counted through the api, service to service, and what the store has to say
// about itself is read from the store.
'use strict';

const express = require('express');
const path = require('node:path');
const store = require('./store');

const api = `http://${process.env.API || 'api:8080'}`;
const port = process.env.PORT || 8080;
const app = express();

app.disable('x-powered-by');
app.get('/health', (request, response) => response.type('text').send('ok\n'));

// Only a view of the page is a visit; what the page asks afterwards is not.
app.get('/', async (request, response, next) => {
  const counted = await visits('POST');
  if (counted.problem) console.error(`web: a visit was not counted: ${counted.problem}`);
  next();
});

app.get('/live', async (request, response) => {
  const [api, store] = await Promise.all([visits('GET'), keys()]);
  response.set('Cache-Control', 'no-store').json({ api, store });
});

app.use(express.static(path.join(__dirname, 'public')));

async function visits(method) {
  try {
    const response = await fetch(`${api}/visits`, { method, signal: AbortSignal.timeout(3000) });
    if (response.ok) return { visits: (await response.json()).visits };
    return { problem: response.status === 503 ? 'The store behind the api is down.' : `The api answered ${response.status}.` };
  } catch (error) {
    return { problem: 'The api is down.' };
  }
}

async function keys() {
  try {
    return { keys: await store.ask('DBSIZE') };
  } catch (error) {
    return { problem: 'The store is down.' };
  }
}

app.listen(port, () => console.log(`listening on ${port}`));
