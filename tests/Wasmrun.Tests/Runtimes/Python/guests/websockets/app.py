"""An ASGI application of WebSockets; what it is told is printed."""
import asyncio


async def _echo(receive, send):
    while True:
        message = await receive()
        if message['type'] == 'websocket.disconnect':
            print('ended with %d %s' % (message['code'], message.get('reason', '')), flush=True)
            return
        if message.get('text') == 'fail':
            raise ValueError('the application failed')
        if message.get('text') == 'bye':
            await send({'type': 'websocket.close', 'code': 4001, 'reason': 'enough'})
            return
        if message.get('text') == 'return':
            return
        await send({'type': 'websocket.send', **{key: message[key] for key in ('text', 'bytes') if message.get(key) is not None}})


async def _flood(send):
    """Sends for as long as there is somebody."""
    try:
        while True:
            await send({'type': 'websocket.send', 'bytes': b'x' * 1000})
            await asyncio.sleep(0)
    except OSError:
        print('nobody is there', flush=True)
        raise


async def app(scope, receive, send):
    if scope['type'] == 'http':
        await send({'type': 'http.response.start', 'status': 200, 'headers': []})
        await send({'type': 'http.response.body', 'body': b'plain'})
        return
    assert scope['type'] == 'websocket'
    assert (await receive())['type'] == 'websocket.connect'
    path = scope['path']
    if path == '/refused':
        await send({'type': 'websocket.close'})
        return
    if path == '/answered':
        await send({'type': 'websocket.http.response.start', 'status': 401, 'headers': [(b'x-why', b'nobody')]})
        await send({'type': 'websocket.http.response.body', 'body': b'who are you?'})
        return
    if path == '/waits':
        print('waits', flush=True)
        print((await receive())['type'], flush=True)
        return
    accept = {'type': 'websocket.accept', 'headers': [(b'x-query', scope['query_string'])]}
    if 'chat' in scope['subprotocols']:
        accept['subprotocol'] = 'chat'
    await send(accept)
    await (_flood(send) if path == '/flood' else _echo(receive, send))
    if path == '/stays':
        await asyncio.sleep(3600)
