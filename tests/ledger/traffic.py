"""Everyday life in front of a ledger: people read, are refused, ask, are denied, end. Enough of it to fill tiles."""

import threading
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from tests.blackbox.locum_process import Session
from tests.blackbox.locum_world import World

READ = {"parcels": ["parcel.read"]}
READERS = 4
#: what a reader asks for in turn; the first is allowed, the others are refused and recorded
ASKED = [*["GET parcels/{}"] * 8, "POST keys", "GET attic/{}"]


class Reader:
    """One connection that is kept, in one session."""

    def __init__(self, session: Session, application: str, cookie: dict[str, str]):
        parts = urlsplit(session.base_urls[application])
        self.connection = HTTPConnection("127.0.0.1", parts.port, timeout=30)
        self.headers = {"Host": parts.netloc, **cookie}
        self.root = parts.path or "/"

    def ask(self, method: str, path: str) -> tuple[int, bytes]:
        self.connection.request(method, self.root + path, headers=self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def size(world: World) -> int:
    """How many entries the newest checkpoint covers."""
    note = world.nobody().get("/ledger/checkpoint")
    return int(note.text.splitlines()[1]) if note.status == 200 else 0


def until(world: World, entries: int, first_case: int) -> None:
    """Lives on until the ledger has this many entries at least."""
    session = _session(world, first_case)
    cookie, enough = session.enter("parcels"), threading.Event()
    readers = [
        threading.Thread(target=_read, args=(Reader(session, "parcels", cookie), enough)) for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    try:
        case = first_case
        while size(world) < entries:
            case += 1
            _ask_and_be_denied(world, case)
    finally:
        enough.set()
        for reader in readers:
            reader.join()
    world.person("iris").post(f"/api/v1/sessions/{session.id}/end")


def _session(world: World, case: int) -> Session:
    world.desk.add(str(case), "i.ivers", "c-31", "lighthouse")
    return world.session("iris", READ, f"quay:{case}")


def _read(reader: Reader, enough: threading.Event) -> None:
    number = 0
    while not enough.is_set():
        method, path = ASKED[number % len(ASKED)].split(" ")
        try:
            reader.ask(method, path.format(number))
        except (OSError, HTTPException):
            return
        number += 1


def _ask_and_be_denied(world: World, case: int) -> None:
    world.desk.add(str(case), "i.ivers", "c-31", "lighthouse")
    filed = world.person("iris").post("/api/v1/requests", world.request_body(READ, f"quay:{case}"))
    if filed.status != 201:
        return
    request = filed.json()
    path = f"/api/v1/requests/{request['id']}"
    world.person("iris").post(f"{path}/approve", {"scope_digest": request["scope_digest"]})  # Refused, and recorded.
    approver = request["route"][0]["approvers"][0].split("@")[0]
    denial = {"reason": "Not needed: the customer has found the slip."}
    world.person(approver).post(f"{path}/deny", denial)
