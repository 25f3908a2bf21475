"""Requests that two programs could read in two ways are refused at the gateway, and reach no application."""

import socket
from urllib.parse import urlsplit

from .checks import Checks
from .locum_world import World

READ = {"parcels": ["parcel.read", "parcel.label"]}

#: What is ambiguous, and the request after its first line; `HOST` and `COOKIE` are filled in.
AMBIGUOUS = [
    ("a length and a transfer encoding", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("two different lengths", "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"),
    ("a length that is no number", "Content-Length: +4\r\n\r\nabcd"),
    ("an unknown transfer encoding", "Transfer-Encoding: cow\r\n\r\n0\r\n\r\n"),
    ("chunked that is not last", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    ("a folded header line", "X-Long: one\r\n two\r\n\r\n"),
    ("a space before a colon", "Content-Length : 0\r\n\r\n"),
    ("a bare line feed inside a header", "X-One: 1\nX-Two: 2\r\nContent-Length: 0\r\n\r\n"),
    ("a header of 200 KiB", "X-Big: " + "x" * (200 << 10) + "\r\n\r\n"),
]


def play(world: World, checks: Checks) -> None:
    checks.chapter("Ambiguous requests")
    world.desk.add("70", "i.ivers", "c-31", "lighthouse")
    session = world.session("iris", READ, "quay:70", duration_minutes=15)
    cookie = session.enter("parcels")["Cookie"]
    port = urlsplit(session.base_urls["parcels"]).port
    before = len(world.parcels.received)
    for sentence, rest in AMBIGUOUS:
        head = f"POST /parcels/7/label HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
        answer, is_closed = _send(port, head + rest + "GET /parcels/8 HTTP/1.1\r\nHost: x\r\n\r\n")
        status = answer.split(b" ")[1:2]
        checks.that(f"{sentence} is refused", status in ([b"400"], [b"431"], [b"501"]) or not answer, answer[:200])
        checks.that("and the connection closes, whatever else stood in it", is_closed and answer.count(b"HTTP/1.1") <= 1,
                    answer)  # fmt: skip
    reached = world.parcels.received[before:]
    checks.that("nothing of it reached the application", not reached, reached)
    world.person("iris").post(f"/api/v1/sessions/{session.id}/end")


def _send(port: int, text: str) -> tuple[bytes, bool]:
    """What comes back, and whether the other side then ended the connection."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            connection.sendall(text.encode())
            while data := connection.recv(65536):
                answer += data
        except TimeoutError:
            return answer, False
        except OSError:
            pass
    return answer, True
