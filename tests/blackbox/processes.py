"""Starting other programs on free loopback ports, speaking plain HTTP to them, and leaving none behind."""

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Answer:
    """One HTTP answer, read to its end."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)

    def code(self) -> str | None:
        """The reason code at the end of a problem's `type`, or none."""
        if self.headers.get_content_type() != "application/problem+json":
            return None
        return str(self.json().get("type", "")).rstrip("/").replace("#", "/").replace(":", "/").rsplit("/", 1)[-1]


def http(method: str, url: str, headers: dict | None = None, body: bytes | None = None, seconds: float = 20) -> Answer:
    """One request on one connection. Names under `localhost` are always this machine, whatever the resolver says."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    address = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host
    connection = HTTPConnection(address, parts.port or 80, timeout=seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Host": parts.netloc, **(headers or {})}
    with contextlib.closing(connection):
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        if body is not None and not any(name.lower() == "content-length" for name in sent):
            sent["Content-Length"] = str(len(body))
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


class Server:
    """A child process that is stopped with the story, and whose last words are shown when it fails."""

    def __init__(self, name: str, command: list, log: Path, env: dict | None = None, cwd: Path | None = None):
        self.name, self.log = name, log
        with log.open("ab") as sink:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, env=env, cwd=cwd
            )

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class LoopbackServer(ThreadingHTTPServer):
    """Serves each connection on a thread that dies with the program, and keeps quiet when a client goes away."""

    daemon_threads = True

    def handle_error(self, *_):
        pass


def wait_until(holds: Callable[[], bool], what: str, server: Server | None = None, seconds: float = 20) -> float:
    """Waits for something to become true; returns the seconds it took, raises with the server's last words."""
    started = time.monotonic()
    while True:
        with contextlib.suppress(OSError, HTTPException):
            if holds():
                return time.monotonic() - started
        died = server is not None and server.process.poll() is not None
        if died or time.monotonic() - started > seconds:
            why = f"{server.name} ended with status {server.process.returncode}" if died else f"not within {seconds} s"
            raise TimeoutError(f"{what}: {why}\n{server.last_words() if server else ''}")
        time.sleep(0.05)
