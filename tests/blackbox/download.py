"""A download over a raw socket."""

import socket
from urllib.parse import urlsplit


class Download:
    """A download read from a raw socket, so that an orderly end and a reset can be told apart."""

    def __init__(self, url: str, headers: dict[str, str], receive_buffer: int | None = None):
        parts = urlsplit(url)
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", parts.port or 80))
        lines = [f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.first = self.socket.recv(4096)
        self.received = len(self.first)

    @property
    def status(self) -> int:
        return int(self.first.split(b" ", 2)[1])

    def read_some(self, size: int = 4096) -> bytes:
        data = self.socket.recv(size)
        self.received += len(data)
        return data

    def read_to_end(self) -> str:
        """Reads until it ends; how it ended: `reset`, `orderly` or `hanging`."""
        try:
            while data := self.socket.recv(65536):
                self.received += len(data)
            return "orderly"
        except ConnectionResetError:
            return "reset"
        except TimeoutError:
            return "hanging"
        finally:
            self.socket.close()
