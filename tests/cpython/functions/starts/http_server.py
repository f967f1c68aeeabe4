"""One of the programs whose start says which functions of the interpreter are compiled first."""
import http.server, os, json, sys
class H(http.server.BaseHTTPRequestHandler):
    protocol_version='HTTP/1.1'
    def do_GET(self):
        body=json.dumps({'a':[1,2.5,None,True,'x'],'path':self.path}).encode()
        self.send_response(200); self.send_header('Content-Type','application/json'); self.send_header('Content-Length',str(len(body))); self.end_headers(); self.wfile.write(body)
        print('served', self.path, flush=True)
http.server.ThreadingHTTPServer(('0.0.0.0',int(os.environ['PORT'])),H).serve_forever()
