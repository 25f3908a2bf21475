"""What a server finds when it starts: torn pages, a cut journal, a database and records of two moments.

Records that are acknowledged and have no place yet lie in the recorder's segments alone. The store is kept from taking
them, the server is killed, and what lies there is put back as it was, or damaged in one way; then the server starts,
and either takes them up or says what is wrong, in words.
"""

import shutil
import signal
from pathlib import Path

from tests.blackbox.checks import Checks
from tests.blackbox.locum_process import Session
from tests.blackbox.locum_world import World
from tests.blackbox.processes import http, wait_until
from tests.ledger.strace import Call, Failing, why_not

CASE = 400_000
READ = {"parcels": ["parcel.read"]}
HEADER_BYTES = 64


def play(world: World, checks: Checks) -> None:
    if reason := why_not():
        checks.chapter(f"SKIPPED: what a server finds when it starts, because {reason}")
        return
    checks.chapter("What a server finds when it starts")
    _read(world, CASE)
    older = _kept(world, "older")
    for case in CASE + 1, CASE + 2:  # Each process begins a segment, and removes those that have their places.
        _read(world, case)
        world.stop()
        world.start()
    session, read = _left_behind(world)
    records = _records(world)
    checks.that(f"{len(read)} reads were answered that have no place in the store", read, read)
    left = _kept(world, "left", is_running=False)

    said = _starts(world, left, lambda: None)
    told = world.person("iris").get(f"/api/v1/events/{session.event}").text
    lost = [parcel for parcel in read if f'parcel:{parcel}"' not in told]
    checks.that("after the kill each of them is taken up", not lost, lost)
    checks.that("and nothing is said to be wrong", "ERROR" not in said, said)

    first, last = _used(left / "harbour.db.records")
    middle, segment = (first + last) // 2, records / _newest(records).name
    for sentence, damage, word in [
        ("a page that tore in the middle", lambda: _zeroed(segment, middle, 512), "lacks records that were"),
        ("a bit that flipped", lambda: _flipped(segment, middle), "lacks records that were"),
        ("a journal that was cut", lambda: _cut(segment, middle), "is shorter than the"),
        ("a damaged header", lambda: _zeroed(segment, 16, 8), "cannot be read"),
        ("a segment that is gone", lambda: [path.unlink() for path in _segments(records)], "is gone"),
        ("an older database beside newer records", lambda: _database_of(world, older), "is gone"),
    ]:
        said = _starts(world, left, damage)
        checks.that(f"{sentence} is said in words, and as an error", f" {word}" in said and "ERROR" in said, said)
        whole = world.locum("ledger", "verify", "--config", str(world.config))
        checks.that(f"{sentence}: what the ledger holds verifies", whole.returncode == 0, whole.stdout + whole.stderr)
        access = _begins(world, sentence)
        checks.that(f"{sentence}: the server goes on, with the finding told", access == 200, access)


def _read(world: World, case: int) -> None:
    """A session with some reads, all of which have their places when its end has."""
    world.desk.add(str(case), "i.ivers", "c-31", "lighthouse")
    session = world.session("iris", READ, f"quay:{case}")
    cookie, base = session.enter("parcels"), session.base_urls["parcels"]
    for parcel in range(5):
        http("GET", f"{base}parcels/{parcel}", cookie)
    world.person("iris").post(f"/api/v1/sessions/{session.id}/end")


def _left_behind(world: World) -> tuple[Session, list[int]]:
    """Reads that are answered while the store takes nothing, until the door closes; then the server is killed."""
    world.desk.add(str(CASE + 3), "i.ivers", "c-31", "lighthouse")
    session = world.session("iris", READ, f"quay:{CASE + 3}")
    cookie, base = session.enter("parcels"), session.base_urls["parcels"]
    store = world.folder / "harbour.db"
    files = [store, Path(f"{store}-wal")]
    read = []
    with Failing(world.server.process.pid, [Call("pwrite64", "EIO")], files, world.folder / "strace"):
        while http("GET", f"{base}parcels/{CASE + len(read)}", cookie).status == 200:
            read.append(CASE + len(read))
        world.server.process.send_signal(signal.SIGKILL)
        world.server.process.wait()
    return session, read


def _starts(world: World, left: Path, damage) -> str:
    """What a start says on what was left behind, after it was damaged."""
    world.stop()
    for path in (world.folder).glob("harbour.db*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    _copy(left, world.folder)
    damage()
    before = len(world.log.read_text(errors="replace"))
    world.start()
    return world.log.read_text(errors="replace")[before:]


def _begins(world: World, sentence: str) -> int:
    case = str(CASE + 10 + sum(sentence.encode()))
    world.desk.add(case, "i.ivers", "c-31", "lighthouse")
    live = world.person("iris").get("/api/v1/sessions?state=live").json()
    for one in live["items"] if isinstance(live, dict) else live:
        world.person("iris").post(f"/api/v1/sessions/{one['id']}/end")
    session = world.session("iris", READ, f"quay:{case}", duration_minutes=5)
    cookie, base = session.enter("parcels"), session.base_urls["parcels"]
    wait_until(lambda: http("GET", f"{base}parcels/1", cookie).status == 200, "access begins", world.server, 15)
    return http("GET", f"{base}parcels/1", cookie).status


def _kept(world: World, name: str, is_running: bool = True) -> Path:
    """A copy of database and records as they lie there."""
    if is_running:
        world.stop()
    copy = world.folder / name
    copy.mkdir()
    _copy(world.folder, copy)
    if is_running:
        world.start()
    return copy


def _copy(folder: Path, to: Path) -> None:
    for path in folder.glob("harbour.db*"):
        if path.is_dir():
            shutil.copytree(path, to / path.name)
        else:
            shutil.copy2(path, to / path.name)


def _database_of(world: World, older: Path) -> None:
    for path in world.folder.glob("harbour.db*"):
        if path.is_file():
            path.unlink()
    for path in older.glob("harbour.db*"):
        if path.is_file():
            shutil.copy2(path, world.folder / path.name)


def _records(world: World) -> Path:
    return world.folder / "harbour.db.records"


def _segments(records: Path) -> list[Path]:
    return sorted(records.glob("segment-*.log"))


def _newest(records: Path) -> Path:
    """The newest segment that holds records."""
    return [path for path in _segments(records) if any(path.read_bytes()[HEADER_BYTES:])][-1]


def _used(records: Path) -> tuple[int, int]:
    data = _newest(records).read_bytes()
    return HEADER_BYTES, len(data.rstrip(b"\0"))


def _zeroed(path: Path, at: int, count: int) -> None:
    data = bytearray(path.read_bytes())
    data[at : at + count] = bytes(count)
    path.write_bytes(data)


def _flipped(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def _cut(path: Path, at: int) -> None:
    path.write_bytes(path.read_bytes()[:at])
