"""An application of Starlette with every kind of endpoint that FastAPI also makes."""
import contextlib

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route


@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.number = 1
    yield
    print('down')


async def hello(request):
    return JSONResponse({'hello': request.path_params['name'], 'query': dict(request.query_params)})


async def echo(request):
    return PlainTextResponse(await request.body())


def plain(request):
    return PlainTextResponse('no coroutine, %d' % request.app.state.number)


async def stream(request):
    return StreamingResponse('line %d\n' % number for number in range(3))


async def background(request):
    return PlainTextResponse('background\n', background=BackgroundTask(print, 'the background task ran'))


app = Starlette(lifespan=lifespan, routes=[
    Route('/hello/{name}', hello),
    Route('/echo', echo, methods=['POST']),
    Route('/plain', plain),
    Route('/stream', stream),
    Route('/background', background),
])
