"""
Starts a project. What is started comes as two arguments: `file` and a path, `call` and `module:function`, or `app` and where an application is,
as gunicorn or Flask would be told: `module`, `module:name`, `module:factory()`. A file that only defines an application is served, too.
"""
import os
import runpy
import sys

import wasmrun_image
import wasmrun_socket

_NAMES = ('app', 'application')
_FACTORIES = ('create_app', 'make_app')
_VARIABLE_ARGUMENTS, _COROUTINE = 0x04, 0x80
_ABOVE = (__file__, '<string>', '<frozen runpy>', '<frozen importlib._bootstrap>', '<frozen importlib._bootstrap_external>')


def _serve(application):
    port = int(os.environ.get('PORT') or 8000)
    print('serving on port %d' % port, file=sys.stderr)
    if _is_asynchronous(application):
        import wasmrun_asgi
        wasmrun_asgi.serve(application, port)
    else:
        import wasmrun_wsgi
        wasmrun_wsgi.serve(application, port)


def _is_asynchronous(application):
    function = getattr(application, 'func', application)
    if not hasattr(function, '__code__'):
        function = getattr(type(function), '__call__', None)
    code = getattr(function, '__code__', None)
    return code is not None and bool(code.co_flags & _COROUTINE)


def _import(module):
    """A module by its name, or by its file."""
    if module.endswith('.py'):
        folder, name = os.path.split(os.path.join('/app', module))
        sys.path.insert(0, folder)
        module = name[:-3]
    return __import__(module, fromlist=['*'])


def _find(module, name):
    if name:
        path, call, arguments = name.partition('(')
        found = _import(module)
        for part in path.split('.'):
            if not hasattr(found, part):
                sys.exit("there is no '%s' in '%s'" % (name, module))
            found = getattr(found, part)
        if arguments.strip(' )'):
            return _call(found, name)
        return found() if call or path in _FACTORIES else found
    return _choose(vars(_import(module))) or sys.exit("'%s' defines neither app, application, create_app nor make_app; write '%s:NAME'" % (module, module))


def _call(factory, name):
    """Calls a factory with the arguments that are written behind its name; they are plain values, as Flask takes them."""
    import ast
    try:
        call = ast.parse(name, mode='eval').body
        values = [ast.literal_eval(value) for value in call.args]
        named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (AttributeError, SyntaxError, ValueError):
        sys.exit("'%s' is no call with plain values" % name)
    return factory(*values, **named)


def _choose(names):
    """The application among the names of a module, as Flask looks for it."""
    for name in _NAMES:
        if callable(names.get(name)):
            return names[name]
    flask = sys.modules.get('flask')
    if flask is not None:
        found = [value for value in names.values() if isinstance(value, flask.Flask)]
        if len(found) == 1:
            return found[0]
    for name in _FACTORIES:
        if callable(names.get(name)):
            return names[name]()
    return None


def _run_file(path):
    path = os.path.join('/app', path)
    sys.path[0] = os.path.dirname(path)
    names = runpy.run_path(path, run_name='__main__')
    if not wasmrun_socket.listened:
        application = _choose(names)
        if application is not None:
            _serve(application)


def _show_error(kind, error, trace):
    """Without the frames above the project's first, which say nothing to who has written that."""
    rest = trace
    while rest is not None and rest.tb_frame.f_code.co_filename in _ABOVE:
        rest = rest.tb_next
    if rest is None and kind is not SyntaxError:
        rest = trace
    sys.__excepthook__(kind, error.with_traceback(rest), rest)


def begin():
    global _kind, _entry
    sys.excepthook = _show_error
    _kind, _entry = sys.argv[1:3]
    sys.argv = sys.argv[2:]
    os.chdir(os.environ.get('PWD', '/app'))


def main():
    sys.path[0] = '/app'
    if os.path.isdir('/app/src'):
        sys.path.insert(1, '/app/src')
    if _kind == 'file':
        _run_file(_entry)
        return
    module, _, name = _entry.partition(':')
    if _kind == 'call':
        sys.exit(_find(module, name)())
    found = _find(module, name)
    if _takes_nothing(found):
        result = found()
        if not callable(result):
            sys.exit(result)
        found = result
    _serve(found)


def _takes_nothing(found):
    """Whether it is a function without parameters, and so no application: one that makes one, or the program itself."""
    code = getattr(found, '__code__', None)
    return code is not None and code.co_argcount == 0 and not code.co_flags & (_VARIABLE_ARGUMENTS | _COROUTINE)


def resume():
    wasmrun_image.resume()
    main()


begin()
if 'WASMRUN_IMAGE' in os.environ:
    wasmrun_image.start(os.environ.pop('WASMRUN_IMAGE'))
    wasmrun_image.pause()
main()
