const { createHash } = require('node:crypto');
const path = require('node:path');
const { Readable } = require('node:stream');
const { createGunzip } = require('node:zlib');
const compression = require('compression');
const cookieSession = require('cookie-session');
const express = require('express');
const helmet = require('helmet');
const morgan = require('morgan');
const multer = require('multer');

const app = express();
const upload = multer({ storage: multer.memoryStorage() });
const saved = multer({ dest: '/tmp/uploads' });

app.set('view engine', 'ejs');
app.set('views', path.join(__dirname, 'views'));
app.use(morgan(':method :url :status'));
app.use(helmet());
app.use(compression({ threshold: 0 }));
app.use(cookieSession({ name: 'session', keys: ['secret'] }));
app.use('/static', express.static(path.join(__dirname, 'public'), { maxAge: '1h' }));
app.get('/count', (request, response) => {
  request.session.count = (request.session.count || 0) + 1;
  response.send(String(request.session.count));
});
app.get('/page', (request, response) => response.render('page', { title: 'A & B', items: ['one', 'two'] }));
app.get('/large', (request, response) => response.type('text').send('compress me '.repeat(10000)));
app.post('/upload', upload.single('file'), (request, response) => response.json({ name: request.file.originalname, size: request.file.size, field: request.body.field }));
app.post('/saved', saved.single('file'), (request, response) => response.json({ size: request.file.size, kept: require('node:fs').statSync(request.file.path).size }));
app.get('/stream', (request, response) => Readable.from(pieces(Number(request.query.pieces))).pipe(response.type('text')));
app.post('/sink', (request, response) => {
  const hash = createHash('sha256');
  let size = 0;
  const body = request.get('Content-Encoding') === 'gzip' ? request.pipe(createGunzip()) : request;
  body.on('data', (data) => { size += data.length; hash.update(data); });
  body.on('end', () => response.json({ size, hash: hash.digest('hex') }));
});
app.listen(process.env.PORT);

// Pieces of 64 KiB, each of them another one.
function* pieces(count) {
  for (let number = 0; number < count; number++) {
    const line = `piece ${number}\n`;
    yield Buffer.from(line.repeat(Math.ceil(65536 / line.length))).subarray(0, 65536);
  }
}
