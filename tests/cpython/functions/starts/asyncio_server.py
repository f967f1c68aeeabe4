"""One of the programs whose start says which functions of the interpreter are compiled first."""
import asyncio, os, logging
logging.basicConfig(level=logging.INFO, format='%(asctime)s %(levelname)s %(name)s %(message)s')
log=logging.getLogger('app')
async def serve(reader, writer):
    line=await reader.readline()
    while (await reader.readline()).strip(): pass
    log.info('asked %s', line)
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'); await writer.drain(); writer.close()
async def main():
    server=await asyncio.start_server(serve,'0.0.0.0',int(os.environ['PORT']))
    async with server: await server.serve_forever()
asyncio.run(main())
