const express = require('express');

const app = express();
const router = express.Router();

app.use(express.json(), express.urlencoded({ extended: true }));
router.get('/users/:id', (request, response) => response.json({ id: request.params.id, query: request.query }));
router.post('/echo', (request, response) => response.status(201).json(request.body));
router.get('/fail', () => { throw new Error('broken'); });
app.use('/api', router);
app.use((error, request, response, next) => response.status(500).send(`caught ${error.message}`));
app.listen(process.env.PORT);
