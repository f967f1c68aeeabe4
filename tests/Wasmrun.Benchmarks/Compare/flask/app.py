"""The Flask application of the comparison; it runs natively and in a guest as it is."""
import logging
import os

from flask import Flask, request

app = Flask(__name__)
logging.getLogger('werkzeug').setLevel(logging.ERROR)


@app.get('/')
def hello():
    return {'hello': request.args.get('name', 'world'), 'version': 'FIRST'}


if __name__ == '__main__':
    app.run(host='0.0.0.0', port=int(os.environ['PORT']))
