const express = require('express');

const app = express();
const port = process.env.PORT || 3000;

app.use(express.json());

app.get('/', (request, response) => response.send('Hello from Express\n'));
app.get('/health', (request, response) => response.json({ status: 'ok' }));
app.post('/echo', (request, response) => response.json(request.body));

app.listen(port, () => console.log(`listening on ${port}`));
