"""A schema registry that says what a test wants it to say, and remembers what it was asked."""

import base64
import contextlib
import http.server
import json
import threading


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        wanted = self.server.login and "Basic " + base64.b64encode(self.server.login.encode()).decode()
        answer = self.server.answers.get(self.path)
        status = self.server.status or (200 if answer else 404)
        if wanted and self.headers.get("Authorization") != wanted:
            status = 401
        body = json.dumps(answer if answer else {"error_code": 40403, "message": "Schema not found"}).encode()
        if self.server.page is not None:
            body = self.server.page.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def registry_server(answers, login=None):
    """`answers` by path; `status` and `page` (a body), when they are set, are the answer to everything."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.asked, server.status, server.page, server.answers, server.login = [], 0, None, answers, login
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
