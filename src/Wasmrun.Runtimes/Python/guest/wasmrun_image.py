"""
An image of the interpreter's memory, with which further instances begin. It is taken when everything has been imported that the last
instance had when it listened, but nothing of the project itself, whose files may change.
"""
import gc
import importlib
import os
import sys
import time

import wasmrun_system
import wasmrun_wait as waiting

_FOLDER = '/.wasmrun/bytecode/'
_PROJECT = '/app/'
_PACKAGES = ('/site-packages/', '/__pypackages__/', '/vendor/')
_LIBRARY = '/.wasmrun/'
#: In the interpreter's own memory.
_EMBEDDED = sys.prefix + '/lib/python'
_MARK = 0x57000000

#: Names this program's image, and the files that stand for it.
_key = None
_plain_urandom = os.urandom
_drawn = False


def start(key):
    global _key
    _key = _FOLDER + key


def _places(module):
    """The files and folders that a module comes from."""
    file = getattr(module, '__file__', None)
    return [file] if file else list(getattr(module, '__path__', None) or ())


def _is_own(path):
    """Whether a file is one of the project."""
    return path.startswith(_PROJECT) and not any(part in path for part in _PACKAGES)


def remember():
    """Writes down what is imported now, for the next image."""
    if _key is None:
        return
    names = [
        name for name, module in sys.modules.items()
        if name.partition('.')[0] not in ('__main__', '__mp_main__') and not any(map(_is_own, _places(module)))]
    _add(_key + '.imports', names)


def _add(path, names):
    """Adds to a list what is not in it, and leaves it as it is when there is nothing to add."""
    known = _read(path)
    new = [name for name in names if name not in known]
    if not new:
        return
    text = '\n'.join(known + new)
    try:
        partial = '%s.%s' % (path, os.urandom(6).hex())
        with open(partial, 'w', encoding='utf-8') as file:
            file.write(text)
        os.replace(partial, path)
    except OSError:
        # The next one starts as slowly as this.
        pass


def _read(path):
    try:
        with open(path, encoding='utf-8') as file:
            return file.read().split('\n')
    except OSError:
        return []


def pause():
    """Ends here, as far as the interpreter knows; the runner goes on with `resume`, in this memory or a copy of it."""
    before = set(sys.modules)
    listing = '%s.imports' % _key
    left_out = _read(_key + '.left-out')
    culprits = _import_all([name for name in _read(listing) if name.partition('.')[0] not in left_out])
    _add(_key + '.left-out', culprits)
    threading = sys.modules.get('threading')
    is_kept = not culprits and (threading is None or threading.active_count() == 1)
    notes = _notes(before, listing)
    gc.collect()
    gc.freeze()
    sys.stdout.flush()
    sys.stderr.flush()
    number = int.from_bytes(_plain_urandom(3), 'little')
    with open('%spause-%06x' % (_FOLDER, number), 'w', encoding='utf-8') as file:
        file.write('keep\n' if is_kept else 'leave\n')
        file.write(notes)
    os._exit(_MARK | number)


def _import_all(names):
    """Imports modules; answers those that fail, or that draw random numbers, which must not be the same in every instance."""
    global _drawn
    culprits = set()
    if 'random' in names:
        import random
        plain_seed = random.Random.seed

        def seed(self, a=None, version=2):
            _note_drawing() if a is None else None
            plain_seed(self, a, version)

        random.Random.seed = seed
    os.urandom = _urandom
    own = _Own()
    sys.meta_path.insert(0, own)
    for name in names:
        if name in sys.modules:
            continue
        _drawn = False
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                culprits.add(name.partition('.')[0])
        except Exception:
            culprits.add(name.partition('.')[0])
        if _drawn or own.was_asked:
            culprits.add(name.partition('.')[0])
            own.was_asked = False
    sys.meta_path.remove(own)
    os.urandom = _plain_urandom
    if 'random' in names:
        random.Random.seed = plain_seed
    for module in list(sys.modules.values()):
        for name, value in list(vars(module).items()):
            if value is _urandom and module is not sys.modules[__name__]:
                setattr(module, name, _plain_urandom)
    return culprits


class _Own:
    """Stands for the project's own modules, which go before all others: who needs one while an image is made cannot be in it."""

    def __init__(self):
        self.was_asked = False
        self._names = set()
        for folder in ('/app', '/app/src'):
            try:
                self._names.update(name.partition('.')[0] for name in os.listdir(folder))
            except OSError:
                pass

    def find_spec(self, name, path=None, target=None):
        if name in self._names:
            self.was_asked = True
            raise ModuleNotFoundError('No module named %r yet' % name, name=name)
        return None


def _note_drawing():
    global _drawn
    _drawn = True


def _urandom(size):
    _note_drawing()
    return _plain_urandom(size)


def _notes(before, listing):
    """What must still hold when the image is used: see `ImageNotes` of the runner."""
    lines = []
    paths = {listing}
    for name, module in list(sys.modules.items()):
        if name not in before:
            if '.' not in name:
                lines.append('name %s\n' % name)
            paths.update(_places(module))
            paths.update(getattr(module, '__path__', None) or ())
    paths.update(path for path in sys.path if not _PROJECT.startswith(path + '/'))
    for path in sorted(paths):
        if path == listing or not path.startswith((_LIBRARY, _EMBEDDED)):
            try:
                status = os.stat(path)
                lines.append('file %d %d %s\n' % (status.st_mtime_ns, status.st_size, path))
            except OSError:
                lines.append('none %s\n' % path)
    return ''.join(lines)


def resume():
    """Goes on, in another instance than before."""
    waiting.listen_for_signals()
    wasmrun_system.begin_time()
    importlib.invalidate_caches()
    random = sys.modules.get('random')
    if random is not None:
        random.seed()
    logging = sys.modules.get('logging')
    if logging is not None:
        logging._startTime = time.time()
