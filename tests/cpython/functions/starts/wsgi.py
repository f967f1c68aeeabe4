"""One of the programs whose start says which functions of the interpreter are compiled first."""
def application(environ, start_response):
    start_response('200 OK',[('Content-Type','text/plain')]); return [b'hello']
