"""System calls that fail one by one under a server that works: no record, no access, and no lie afterwards.

Each fault meets the files of one room: the recorder's segment in use, the next segment, the store. While it lasts,
people read, ask and are answered; whatever is answered with 200 has reached the application and is on the record, and
whatever is refused is refused as `recorder-unavailable` and has not reached it. Then the server is killed, the ledger
is verified, and all that was answered is looked for.

A seeded choice of the faults; all of them, several times, with `LOCUM_LONG=1`. `LOCUM_SEED` chooses.
"""

import os
import random
import signal
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from tests.blackbox import harbour
from tests.blackbox.checks import Checks
from tests.blackbox.locum_process import Session
from tests.blackbox.locum_world import World
from tests.blackbox.note import verifier_key
from tests.blackbox.processes import http, wait_until
from tests.ledger.note import VerifierKey, open_checkpoint
from tests.ledger.strace import Call, Failing, why_not
from tests.ledger.tiles import Log
from tests.ledger.walk import holds_still, walk

CHOSEN, ROUNDS_LONG = 6, 4
READ = {"parcels": ["parcel.read"]}
CASE = 300_000
#: Requests under a fault that passes, and most of them under one that lasts.
SOME, MOST = 40, 60
#: So many refusals in a row, with a moment between them, see the door tried several times.
IN_A_ROW, A_MOMENT_SECONDS = 10, 0.1
REFUSED = "recorder-unavailable"
BROKEN = (OSError, HTTPException)


@dataclass(frozen=True)
class Fault:
    """Where calls fail, and which."""

    where: str
    calls: tuple[Call, ...]
    #: does it go on until it is taken away?
    lasts: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {', '.join(map(str, self.calls))}"

    @property
    def is_final(self) -> bool:
        """A database whose sync failed is not believed again by the process that saw it."""
        return self.where == "store" and any(call.name == "fsync" for call in self.calls)

    def files(self, folder: Path) -> list[Path]:
        records, store = folder / "harbour.db.records", folder / "harbour.db"
        # The one in use, and as many as a fault can come to want.
        newest = max(int(path.stem.removeprefix("segment-")) for path in records.glob("segment-*.log"))
        segments = [records / f"segment-{number:08}.log" for number in range(newest, newest + 60)]
        ahead = [records / "segment-next.new"]
        return {
            "segment": segments,
            "next segment": [*segments, *ahead, records],
            "store": [store, Path(f"{store}-wal"), Path(f"{store}-journal")],
        }[self.where]


def faults(chance: random.Random) -> list[Fault]:
    """Every fault once: from some call on for as long as it lasts, and one that passes."""
    found = []
    for error in "EIO", "ENOSPC":
        for where, call in ("segment", "pwrite64"), ("segment", "fdatasync"), ("store", "pwrite64"), ("store", "fsync"):
            found.append(Fault(where, (Call(call, error, f"{chance.randint(1, 4)}+"),)))
            found.append(Fault(where, (Call(call, error, str(chance.randint(1, 6))),), lasts=False))
        # A segment that fails is left, and the next one cannot be begun either.
        for call in "rename", "fsync", "openat", "fallocate", "write":
            left = Call("fdatasync", error, f"{chance.randint(1, 3)}+")
            found.append(Fault("next segment", (left, Call(call, error))))
        for call in "rename", "fsync", "openat", "fallocate", "write":
            left = Call("fdatasync", error, f"{chance.randint(1, 3)}..4")
            found.append(Fault("next segment", (left, Call(call, error, "1")), lasts=False))
    return found


def play(world: World, checks: Checks) -> None:
    if reason := why_not():
        checks.chapter(f"SKIPPED: system calls that fail, because {reason}")
        return
    seed = int(os.environ.get("LOCUM_SEED", "1"))
    is_long = bool(os.environ.get("LOCUM_LONG"))
    chance = random.Random(seed)
    chosen = [fault for _ in range(ROUNDS_LONG) for fault in faults(chance)] if is_long else _choice(chance)
    checks.chapter(f"System calls that fail ({len(chosen)} faults, LOCUM_SEED={seed})")
    for number, fault in enumerate(chosen):
        _meet(world, checks, CASE + number, fault, chance)


def _choice(chance: random.Random) -> list[Fault]:
    """Some of each room, so that every run has met them all."""
    every = faults(chance)
    rooms = [[fault for fault in every if fault.where == where] for where in ("segment", "next segment", "store")]
    return [fault for room in rooms for fault in chance.sample(room, CHOSEN // len(rooms))]


@dataclass
class Under:
    """What was asked while calls failed, and what was answered."""

    first: int
    answered: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    filed: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    #: were the last ones all refused?
    refused_in_a_row: int = 0

    @property
    def asked(self) -> int:
        return len(self.answered) + len(self.refused) + len(self.other)


def _meet(world: World, checks: Checks, case: int, fault: Fault, chance: random.Random) -> None:
    world.desk.add(str(case), "i.ivers", "c-31", "lighthouse")
    session = world.session("iris", READ, f"quay:{case}", duration_minutes=30)
    cookie = session.enter("parcels")
    before = world.nobody().get("/ledger/checkpoint").body
    under = Under(case * 1_000)
    failing = Failing(world.server.process.pid, list(fault.calls), fault.files(world.folder), world.folder / "strace")
    with failing:
        _ask(world, session, cookie, under, case, fault)
        ready = http("GET", f"{world.url}/readyz").status
    _judge(world, checks, fault, under, failing.injected(), ready)
    # A sync that moves pages from the store's log into its file may fail unseen: they are moved again.
    is_final = fault.is_final and under.refused
    if not is_final:
        _opens(world, checks, f"{fault}: when it is over, access is back", session, cookie, under)
    else:
        time.sleep(1)
        refused = http("GET", f"{session.base_urls['parcels']}parcels/{under.first + 800}", cookie)
        checks.refused(f"{fault}: the store stays shut until a restart", refused, 503, REFUSED)
    _after(world, checks, fault, session, under, before, chance)
    world.person("iris").post(f"/api/v1/sessions/{session.id}/end")
    if is_final:
        _begins_anew(world, checks, fault, case + 50_000)


def _ask(world: World, session: Session, cookie: dict, under: Under, case: int, fault: Fault) -> None:
    base = session.base_urls["parcels"]
    most = MOST if fault.lasts else SOME
    while under.asked < most and not (fault.lasts and under.refused_in_a_row >= IN_A_ROW):
        parcel = under.first + under.asked
        try:
            answer = http("GET", f"{base}parcels/{parcel}", cookie, seconds=15)
            if answer.status == 200:
                under.answered.append(parcel)
                under.refused_in_a_row = 0
            elif (answer.status, answer.code()) == (503, REFUSED):
                under.refused.append(parcel)
                under.refused_in_a_row += 1
                time.sleep(A_MOMENT_SECONDS)
            else:
                under.other.append(f"{answer.status} {answer.text[:200]}")
        except BROKEN as error:
            under.other.append(repr(error))
        if under.asked % 5 == 0:
            _file(world, under, case)


def _file(world: World, under: Under, case: int) -> None:
    """Decisions are on the record too, or they were not made."""
    iris = world.person("iris")
    try:
        filed = iris.post("/api/v1/requests", world.request_body(READ, f"quay:{case}", duration_minutes=5))
    except BROKEN as error:
        under.other.append(repr(error))
        return
    if filed.status == 201:
        under.filed.append(filed.json()["id"])
        iris.post(f"/api/v1/requests/{filed.json()['id']}/withdraw")
    elif (filed.status, filed.code()) != (503, REFUSED) and filed.status != 409:
        under.other.append(f"{filed.status} {filed.text[:200]}")


def _judge(world: World, checks: Checks, fault: Fault, under: Under, failed: dict, ready: int) -> None:
    told = ", ".join(f"{count} {name}" for name, count in failed.items())
    checks.that(f"{fault}: calls fail: {told}", all(call.name in failed for call in fault.calls), failed)
    checks.that(f"{fault}: every answer is the record's or `{REFUSED}`", not under.other, under.other[:3])
    received = {seen["path"] for seen in world.parcels.received}
    reached = [parcel for parcel in under.refused if f"/parcels/{parcel}" in received]
    checks.that(f"{fault}: none of {len(under.refused)} refused requests is forwarded", not reached, reached[:5])
    unreached = [parcel for parcel in under.answered if f"/parcels/{parcel}" not in received]
    checks.that(f"{fault}: each of {len(under.answered)} answered ones was", not unreached, unreached[:5])
    if fault.lasts and (under.refused or not fault.is_final):
        checks.that(f"{fault}: while it lasts nothing passes", under.refused_in_a_row >= IN_A_ROW, under)
        # A next segment that can be begun opens the door until its first record fails too.
        checks.that(f"{fault}: and `/readyz` says so", ready == 503 or fault.where == "segment", ready)


def _opens(world: World, checks: Checks, sentence: str, session: Session, cookie: dict, under: Under) -> None:
    """Without anybody's help."""
    base, parcel = session.base_urls["parcels"], under.first + 900
    seen = []

    def opened() -> bool:
        answer = http("GET", f"{base}parcels/{parcel}", cookie)
        seen.append(f"{answer.status} {answer.text[:300]}")
        return answer.status == 200

    try:
        seconds = wait_until(opened, "the door opens", world.server, 15)
        under.answered.append(parcel)
        checks.that(f"{sentence} ({seconds:.1f} s)", True)
    except TimeoutError as error:
        checks.that(sentence, False, f"{seen[-1:]} {error}")


def _begins_anew(world: World, checks: Checks, fault: Fault, case: int) -> None:
    """A cookie does not outlive the process that knew it; a new session does as well."""
    world.desk.add(str(case), "i.ivers", "c-31", "lighthouse")
    session = world.session("iris", READ, f"quay:{case}", duration_minutes=5)
    read = http("GET", f"{session.base_urls['parcels']}parcels/1", session.enter("parcels"))
    checks.that(f"{fault}: after a restart access is back", read.status == 200, f"{read.status} {read.text}")
    world.person("iris").post(f"/api/v1/sessions/{session.id}/end")


def _after(
    world: World, checks: Checks, fault: Fault, session: Session, under: Under, before: bytes, chance: random.Random
) -> None:
    kill = chance.choice([signal.SIGKILL, signal.SIGTERM])
    world.server.process.send_signal(kill)
    world.server.process.wait()
    for when in f"after {kill.name}", "after the start":
        if when == "after the start":
            world.start()
        whole = world.locum("ledger", "verify", "--config", str(world.config))
        checks.that(f"{fault}: {when} the ledger verifies", whole.returncode == 0, whole.stdout + whole.stderr)
    iris = world.person("iris")
    lost = _lost(iris, session, under.answered)
    if lost:  # What the journal holds is sequenced within two seconds.
        time.sleep(2)
        lost = _lost(iris, session, under.answered)
    checks.that(f"{fault}: each of {len(under.answered)} answered reads is on the record", not lost, lost[:5])
    gone = [request for request in under.filed if iris.get(f"/api/v1/requests/{request}").status != 200]
    checks.that(f"{fault}: each of {len(under.filed)} filed requests is there", not gone, gone)
    key = VerifierKey.parse(verifier_key(harbour.ORIGIN, world.folder / "keys" / "ledger.key"))
    walked = walk(Log(f"{world.url}/ledger"), key)
    kept = holds_still(open_checkpoint(before, key, []), walked)
    checks.that(f"{fault}: the checkpoint from before still holds", kept, walked.checkpoint)


def _lost(iris, session: Session, read: list[int]) -> list[int]:
    told = iris.get(f"/api/v1/events/{session.event}").text
    return [parcel for parcel in read if f'parcel:{parcel}"' not in told]
