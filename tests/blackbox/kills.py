"""A loaded server killed at any moment: what it acknowledged is on the record, and what it ended stays ended.

Three kills, a hundred with `LOCUM_LONG=1`; `LOCUM_SEED` chooses the moments.
"""

import os
import random
import signal
import threading
import time
from http.client import HTTPException

from . import harbour
from .checks import Checks
from .locum_process import Person, Session
from .locum_world import World
from .processes import http

KILLS, KILLS_LONG = 3, 100
READ = {"parcels": ["parcel.read"]}
LONGEST_LIFE_SECONDS = 1.2
BROKEN = (OSError, HTTPException, AssertionError)


class Load:
    """Reads in one session without pause, and walks others from request to end; keeps what was acknowledged."""

    def __init__(self, world: World, session: Session, round_number: int):
        self.world, self.session = world, session
        self.cookie = session.enter("parcels")
        self.address = session.base_urls["parcels"]
        self.first = round_number * 1_000_000
        self.read: list[int] = []
        self.filed: list[str] = []
        self.ended: list[tuple[str, str, dict[str, str]]] = []
        self.threads = [threading.Thread(target=self._until_broken, args=(work,)) for work in (self._read, self._live)]
        for thread in self.threads:
            thread.start()

    def _until_broken(self, work) -> None:
        number = 0
        while True:
            try:
                work(number)
            except BROKEN:
                return
            number += 1

    def _read(self, number: int) -> None:
        parcel = self.first + number
        answer = http("GET", f"{self.address}parcels/{parcel}", self.cookie, seconds=3)
        if answer.status == 200:
            self.read.append(parcel)

    def _live(self, number: int) -> None:
        case = str(self.first // 1000 + 100_000 + number)
        self.world.desk.add(case, "i.ivers", "c-31", "lighthouse")
        iris: Person = self.world.person("iris")
        filed = iris.post("/api/v1/requests", self.world.request_body(READ, f"quay:{case}", duration_minutes=5))
        assert filed.status == 201
        self.filed.append(filed.json()["id"])
        self.world.approve_all(filed.json(), harbour.token)
        session = self.world.activate("iris", filed.json()["id"])
        cookie = session.enter("parcels")
        if iris.post(f"/api/v1/sessions/{session.id}/end").status == 200:
            self.ended.append((session.id, session.base_urls["parcels"], cookie))

    def join(self) -> None:
        for thread in self.threads:
            thread.join()


def play(world: World, checks: Checks) -> None:
    kills = KILLS_LONG if os.environ.get("LOCUM_LONG") else KILLS
    seed = int(os.environ.get("LOCUM_SEED", "1"))
    checks.chapter(f"Killed at any moment ({kills} times, LOCUM_SEED={seed})")
    moments = random.Random(seed)
    for number in range(kills):
        _kill_once(world, checks, number, moments.uniform(0.05, LONGEST_LIFE_SECONDS))


def _kill_once(world: World, checks: Checks, number: int, after_seconds: float) -> None:
    case = str(80_000 + number)
    world.desk.add(case, "i.ivers", "c-31", "lighthouse")
    session = world.session("iris", READ, f"quay:{case}", duration_minutes=5)
    load = Load(world, session, number + 1)
    load.threads[0].join(after_seconds)
    world.server.process.send_signal(signal.SIGKILL)
    world.server.process.wait()
    load.join()
    when = f"after {after_seconds * 1000:.0f} ms"
    whole = world.locum("ledger", "verify", "--config", str(world.config))
    checks.that(f"killed {when}, the record verifies", whole.returncode == 0, whole.stdout + whole.stderr)
    world.start()
    iris = world.person("iris")
    lost = _lost(iris, session, load.read)
    if lost:  # What the journal holds is sequenced within two seconds.
        time.sleep(2)
        lost = _lost(iris, session, load.read)
    checks.that(f"each of {len(load.read)} answered reads is on the record", not lost, lost[:10])
    gone = [request for request in load.filed if iris.get(f"/api/v1/requests/{request}").status != 200]
    checks.that(f"each of {len(load.filed)} filed requests is there", not gone, gone)
    alive = [name for name, base, cookie in load.ended if http("GET", base + "parcels/1", cookie).status == 200]
    checks.that(f"each of {len(load.ended)} ended sessions stays ended", not alive, alive)
    iris.post(f"/api/v1/sessions/{session.id}/end")


def _lost(iris: Person, session: Session, read: list[int]) -> list[int]:
    told = iris.get(f"/api/v1/events/{session.event}").text
    return [parcel for parcel in read if f'parcel:{parcel}"' not in told]
