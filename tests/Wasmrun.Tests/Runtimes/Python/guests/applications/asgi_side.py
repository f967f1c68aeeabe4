"""An ASGI application that answers as its twin for WSGI does."""
import asyncio


async def lifespan(scope, receive, send):
    assert (await receive())['type'] == 'lifespan.startup'
    scope['state']['ready'] = True
    await send({'type': 'lifespan.startup.complete'})
    assert (await receive())['type'] == 'lifespan.shutdown'
    print('asgi down')
    await send({'type': 'lifespan.shutdown.complete'})


class Application:
    async def __call__(self, scope, receive, send):
        if scope['type'] == 'lifespan':
            return await lifespan(scope, receive, send)
        assert scope['state']['ready']
        path = scope['path']
        if path == '/fail':
            raise ValueError('the application failed')
        if path == '/sleep':
            await asyncio.sleep(1)
        body = ('%s %s?%s' % (scope['method'], path, scope['query_string'].decode())).encode()
        if path == '/echo':
            parts, more = [], True
            while more:
                message = await receive()
                parts.append(message['body'])
                more = message['more_body']
            body = b''.join(parts)
        if path == '/header':
            body = b','.join(value for name, value in scope['headers'] if name == b'x-test')
        await send({'type': 'http.response.start', 'status': 204 if path == '/nothing' else 200, 'headers': [(b'content-type', b'text/plain')]})
        if path == '/stream':
            for number in range(3):
                await send({'type': 'http.response.body', 'body': b'line %d\n' % number, 'more_body': True})
            body = b''
        await send({'type': 'http.response.body', 'body': b'' if path == '/nothing' else body})


def create_app():
    return Application()
