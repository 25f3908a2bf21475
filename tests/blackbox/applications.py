"""Two business applications as small as can be. They believe whatever identity the gateway hands them."""

import contextlib
import json
import time
from http.server import BaseHTTPRequestHandler
from threading import Thread

from .processes import LoopbackServer, free_port

CHUNK = b"year,month,amount\r\n" * 50
LONGEST_STREAM_SECONDS = 60


class Application:
    """Answers every path with what it received; under `/stream/` it sends rows until nobody reads any more."""

    def __init__(self, accounts: dict[str, dict] | None = None):
        self.port = free_port()
        self.accounts = accounts or {}
        self.received: list[dict] = []
        self.aborted = 0
        application = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if self.path.startswith("/accounts/"):
                    account = application.accounts.get(self.path.removeprefix("/accounts/"))
                    return self.answer(200 if account else 404, account or {})
                seen = {
                    "method": self.command,
                    "path": self.path,
                    "body": body.decode("utf-8", "replace"),
                    "headers": [[name, value] for name, value in self.headers.items()],
                }
                application.received.append(seen)
                if self.path.startswith("/stream/"):
                    return self.stream()
                return self.answer(200, seen, {"Set-Cookie": "inside=secret-of-the-subject; Path=/"})

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

            def answer(self, status, body, headers=None):
                data = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            def stream(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/csv")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                ends = time.monotonic() + LONGEST_STREAM_SECONDS
                try:
                    while time.monotonic() < ends:
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(CHUNK), CHUNK))
                        time.sleep(0.02)
                    self.wfile.write(b"0\r\n\r\n")
                except OSError:
                    application.aborted += 1
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = LoopbackServer(("127.0.0.1", self.port), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    def headers_of(self, path: str) -> dict[str, list[str]]:
        """The headers of the last request for a path, lower case, with every value."""
        last = next(seen for seen in reversed(self.received) if seen["path"] == path)
        headers: dict[str, list[str]] = {}
        for name, value in last["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        return headers

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self.server.shutdown()
            self.server.server_close()
