"""A guest book: Flask, and a database in a file."""
import os
import sqlite3

from flask import Flask, g, jsonify, redirect, render_template, request

app = Flask(__name__)
DATABASE = os.environ.get('DATABASE', 'guestbook.db')


def database():
    if 'database' not in g:
        g.database = sqlite3.connect(DATABASE)
        g.database.execute('CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL)')
    return g.database


@app.teardown_appcontext
def close_database(_):
    if 'database' in g:
        g.database.close()


def entries():
    return [{'name': name, 'text': text} for name, text in database().execute('SELECT name, text FROM entries ORDER BY id DESC LIMIT 50')]


@app.get('/')
def page():
    return render_template('page.html', entries=entries())


@app.post('/')
def sign():
    with database() as transaction:
        transaction.execute('INSERT INTO entries (name, text) VALUES (?, ?)', (request.form['name'], request.form['text']))
    return redirect('/')


@app.get('/entries')
def list_entries():
    return jsonify(entries())


@app.get('/health')
def health():
    return {'status': 'ok'}


if __name__ == '__main__':
    app.run(host='0.0.0.0', port=int(os.environ.get('PORT', '5000')))
