"""A Flask application with one route for each thing that services do."""
import hashlib
import logging
import os
import sqlite3
import time

from flask import Flask, Response, flash, jsonify, redirect, render_template_string, request, session, stream_with_context, url_for

app = Flask(__name__)
app.secret_key = 'a secret of the tests'
logging.basicConfig(level=logging.INFO, format='%(levelname)s %(name)s: %(message)s')
log = logging.getLogger('shop')
DATABASE = os.environ['DATABASE']


@app.get('/health')
def health():
    return {'status': 'ok'}


@app.post('/json')
def echo_json():
    return jsonify(got=request.get_json(), kind=request.content_type)


@app.post('/form')
def form():
    return jsonify(name=request.form['name'], tags=request.form.getlist('tag'), query=request.args.get('q'))


@app.get('/login/<name>')
def login(name):
    session['name'] = name
    flash('welcome')
    response = redirect(url_for('whoami'))
    response.set_cookie('theme', 'dark', max_age=60, httponly=True)
    return response


@app.get('/whoami')
def whoami():
    return render_template_string('{{ session.name }} {{ get_flashed_messages()[0] }} <{{ theme }}>', theme=request.cookies.get('theme'))


@app.get('/stream')
def stream():
    def lines():
        for number in range(3):
            yield 'line %d of %s\n' % (number, request.args['name'])
            time.sleep(0.01)

    return Response(stream_with_context(lines()), mimetype='text/plain')


@app.post('/upload')
def upload():
    file = request.files['file']
    digest, size = hashlib.sha256(), 0
    while chunk := file.stream.read(1 << 16):
        digest.update(chunk)
        size += len(chunk)
    return jsonify(name=file.filename, size=size, sha256=digest.hexdigest())


@app.get('/fail')
def fail():
    return str(1 / 0)


@app.errorhandler(404)
def nothing(error):
    return jsonify(error='nothing at ' + request.path), 404


@app.post('/notes/<text>')
def add_note(text):
    with sqlite3.connect(DATABASE) as database:
        database.execute('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT)')
        database.execute('INSERT INTO notes (text) VALUES (?)', (text,))
        return jsonify([row[0] for row in database.execute('SELECT text FROM notes ORDER BY id')])


@app.get('/log')
def write_log():
    log.info('an entry of %s', request.remote_addr)
    log.warning('a warning')
    return 'logged'


@app.get('/sleep/<float:seconds>')
def sleep(seconds):
    time.sleep(seconds)
    return 'slept'


if __name__ == '__main__':
    app.run(host='0.0.0.0', port=int(os.environ['PORT']))
