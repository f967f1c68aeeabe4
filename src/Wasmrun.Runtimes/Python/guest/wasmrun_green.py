"""Runs the code of a thread as a generator: every call in it may give way, because functions whose source is there are rewritten alike."""
import builtins
import copy
import functools
import os
import types

import wasmrun_files as files
import wasmrun_threads as threads

_SUPPORT = os.path.dirname(__file__) + '/'
_SERVING = ('wasmrun_werkzeug.py', 'wasmrun_wsgi.py', 'wasmrun_main.py', 'wasmrun_executor.py', 'wasmrun_files.py')

#: Rewritten code by its original, or None for code that cannot be rewritten.
_rewritten = {}

#: Waits of the library as generators, by the function that waits.
blocking = {}

#: Calls of these names are left alone: they never wait, and some look at who calls them.
_PLAIN = frozenset(dir(builtins)) | {'_wasmrun_is_stream', 'debug', 'info', 'warning', 'error', 'exception', 'critical', 'log', 'append', 'format'}


def call(function, /, *arguments, **keywords):
    """A generator that calls a function, giving way where that waits."""
    steps = steps_of(function)
    if steps is None:
        return function(*arguments, **keywords)
    return (yield from steps(*arguments, **keywords))


def steps_of(function):
    """What makes a generator of a call of the function; None if it is to be called as it is."""
    if isinstance(function, functools.partial):
        steps = steps_of(function.func)
        return steps and functools.partial(steps, *function.args, **function.keywords)
    if isinstance(function, staticmethod):
        function = function.__func__
    owner = getattr(function, '__self__', None)
    if isinstance(function, types.BuiltinMethodType):
        return files.steps_of(owner, function.__name__)
    plain = getattr(function, '__func__', function)
    if isinstance(plain, types.FunctionType):
        known = blocking.get(plain) or _rewrite(plain)
    elif isinstance(plain, type) or not isinstance(getattr(type(plain), '__call__', None), types.FunctionType):
        return None
    else:
        return steps_of(plain.__call__)
    return known if known is None or owner is None or plain is function else types.MethodType(known, owner)


def _rewrite(function):
    code = function.__code__
    if code.co_flags & 0x2A0 or code.co_filename.startswith(_SUPPORT) and not code.co_filename.endswith(_SERVING):
        # A generator, a coroutine, or what these modules do themselves.
        return None
    if code not in _rewritten:
        _rewritten[code] = _compile(function)
    new = _rewritten[code]
    if new is None:
        return None
    cells = dict(zip(code.co_freevars, function.__closure__ or ()))
    if not set(new.co_freevars) <= set(cells):
        return None
    result = types.FunctionType(new, function.__globals__, function.__name__, function.__defaults__, tuple(cells[name] for name in new.co_freevars))
    result.__kwdefaults__ = function.__kwdefaults__
    return result


def _compile(function):
    import ast
    try:
        definition, first = _definition(ast, function)
    except (OSError, TypeError, SyntaxError):
        return None
    if definition is None:
        return None
    # So that it is a generator even if nothing in it can give way.
    body = ast.Module([*definition.body, ast.parse('if 0: yield').body[0]], [])
    definition.body = _transformer(ast).visit(body).body
    definition.decorator_list, definition.returns = [], None
    arguments = definition.args
    for argument in arguments.posonlyargs + arguments.args + arguments.kwonlyargs + [arguments.vararg, arguments.kwarg]:
        if argument is not None:
            argument.annotation = None
    arguments.defaults = [ast.Constant(None) for _ in arguments.defaults]
    arguments.kw_defaults = [None if default is None else ast.Constant(None) for default in arguments.kw_defaults]
    return _inner_code(ast, function, definition, first)


def _definition(ast, function):
    """The function as a tree, and the line that is its first."""
    import inspect
    import textwrap
    if function.__name__ == '<lambda>':
        return _lambda(ast, function), 1
    # Of the code: a function may say that it wraps another, whose source is not its own.
    lines, first = inspect.getsourcelines(function.__code__)
    definition = ast.parse(textwrap.dedent(''.join(lines))).body[0]
    return definition if isinstance(definition, ast.FunctionDef) else None, first


def _lambda(ast, function):
    """A lambda has no name to be found by; what its code says about its place must do."""
    import linecache
    code = function.__code__
    tree = ast.parse(''.join(linecache.getlines(code.co_filename, function.__globals__)))
    begin = min(((line, column) for line, _, column, _ in code.co_positions() if line is not None and column), default=None)
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and (node.body.lineno, node.body.col_offset) == begin:
            answer = ast.copy_location(ast.Return(node.body), node.body)
            return ast.copy_location(ast.FunctionDef('lambda_', node.args, [answer], []), node)
    return None


def _inner_code(ast, function, definition, first):
    """Compiles the function where it sees the same names: in a class of the same name, in a function with the same variables."""
    names = function.__code__.co_freevars
    place = function.__qualname__.split('.')
    owner = place[-2] if len(place) > 1 and place[-2] != '<locals>' else '_Nobody'
    tree = ast.parse('def factory(%s):\n class %s:\n  pass' % (', '.join(names), owner))
    tree.body[0].body[0].body = [definition]
    ast.increment_lineno(definition, first - 1)
    ast.fix_missing_locations(tree)
    code = compile(tree, function.__code__.co_filename, 'exec')
    for name in ('factory', owner, None):
        code = next(part for part in code.co_consts if isinstance(part, types.CodeType) and name in (None, part.co_name))
    return code


def _transformer(ast):
    class Transformer(ast.NodeTransformer):
        def visit_Call(self, node):
            self.generic_visit(node)
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ''
            if name in _PLAIN:
                return node
            return _at(node, ast.YieldFrom(ast.Call(ast.Name('_wasmrun_call', ast.Load()), [node.func, *node.args], node.keywords)))

        def visit_For(self, node):
            source = node.iter
            if node.orelse or isinstance(source, ast.Name) and source.id.startswith('_wasmrun'):
                return self.generic_visit(node)
            if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id == 'iter' and len(source.args) == 2:
                # for x in iter(call, last): the calls may wait.
                return self.generic_visit(_loop(node, ast.Call(source.args[0], [], []), '_wasmrun_next == 0', source.args[1]))
            if isinstance(source, (ast.Name, ast.Attribute)) or isinstance(source, ast.Call) and getattr(source.func, 'attr', '') == 'makefile':
                # for line in file: to come to the next may wait.
                name = '_wasmrun_items_%d_%d' % (node.lineno, node.col_offset)
                choice = ast.parse('%s = 0\nif _wasmrun_is_stream(%s): pass\nelse: pass' % (name, name)).body
                choice[0].value = source
                other = copy.deepcopy(node)
                other.iter = ast.Name(name, ast.Load())
                choice[1].body = [_loop(node, ast.parse(name + '.readline()').body[0].value, 'not _wasmrun_next')]
                choice[1].orelse = [other]
                return [self.generic_visit(_placed(node, part)) for part in choice]
            return self.generic_visit(node)

        def _leave(self, node):
            return node

        visit_Lambda = visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _leave
        visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _leave

    def _at(node, new):
        return ast.copy_location(new, node)

    def _placed(node, new):
        return ast.fix_missing_locations(_at(node, new))

    def _loop(node, ask, end, *compared):
        """The loop as one that asks for each item by a call."""
        ask = ast.Assign([ast.Name('_wasmrun_next', ast.Store())], ask)
        stop = ast.parse('if %s: break' % end).body[0]
        if compared:
            stop.test.comparators = list(compared)
        give = ast.Assign([node.target], ast.Name('_wasmrun_next', ast.Load()))
        return _placed(node, ast.While(ast.Constant(True), [ask, stop, give, *node.body], []))

    return Transformer()


def patch_threading(module):
    import wasmrun_blocking
    wasmrun_blocking.fill(blocking, module)
    builtins._wasmrun_call, builtins._wasmrun_is_stream = call, files.is_stream
    plain_start = module.Thread.start

    def start(self):
        if not self._initialized or self._started.is_set():
            return plain_start(self)
        if type(self).run is module.Thread.run:
            steps = steps_of(self._target)
            arguments, keywords = self._args, self._kwargs
        else:
            steps, arguments, keywords = steps_of(self.run), (), {}
        if steps is None:
            return plain_start(self)
        with module._active_limbo_lock:
            module._limbo[self] = self
        threads.start_green(threads.new_ident(), _life(module, self, steps, arguments, keywords))

    module.Thread.start = start


def _life(module, thread, steps, arguments, keywords):
    thread._set_ident()
    thread._set_tstate_lock()
    thread._started.set()
    with module._active_limbo_lock:
        module._active[thread._ident] = thread
        module._limbo.pop(thread, None)
    try:
        yield from steps(*arguments, **keywords)
    except SystemExit:
        pass
    except GeneratorExit:
        # The program ends without waiting for it.
        raise
    except BaseException:
        thread._invoke_excepthook(thread)
    thread._delete()
    threads.ended(thread._ident)
