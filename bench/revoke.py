"""From the case closing to the last byte that leaves the gateway, for a download in flight.

Run by `cargo xtask bench revoke`. Every session has a case and a download of its own; the cases close one after the
other by signed webhook while the other downloads run. The clock starts when the webhook is sent and stops at the last
byte any client reads, both in this process. One download in ten is read by somebody who stopped reading on purpose.
"""

import argparse
import json
import selectors
import statistics
import sys
import threading
import time
from dataclasses import dataclass

from tests.blackbox.download import Download
from tests.blackbox.locum_world import World

from .progress import progress

#: Downloads that run at the same time.
WAVE = 50
SLOW_ONE_IN = 10
SLOW_BUFFER = 4096
READ = {"parcels": ["parcel.read", "track.read"]}


@dataclass
class Cut:
    acknowledged_ms: float
    last_byte_ms: float
    reset_ms: float
    bytes_after: int
    is_slow: bool
    is_reset: bool


class Watch:
    """Reads every quick download as its bytes come, and knows when the last of each came."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.last: dict[int, float] = {}
        self.ended: dict[int, bool] = {}
        self.ended_at: dict[int, float] = {}
        self.is_over = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def add(self, download: Download) -> None:
        download.socket.setblocking(False)
        self.selector.register(download.socket, selectors.EVENT_READ, download)

    def _read(self) -> None:
        while not self.is_over:
            for key, _ in self.selector.select(0.05):
                download = key.data
                try:
                    data = download.socket.recv(65536)
                    is_reset = False
                except ConnectionResetError:
                    data, is_reset = b"", True
                if data:
                    download.received += len(data)
                    self.last[id(download)] = time.perf_counter()
                else:
                    self.selector.unregister(download.socket)
                    download.socket.close()
                    self.ended_at[id(download)] = time.perf_counter()
                    self.ended[id(download)] = is_reset

    def stop(self) -> None:
        self.is_over = True
        self.thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sessions", type=int, default=1_000)
    options = parser.parse_args()
    cuts: list[Cut] = []
    with World() as world:
        for first in range(0, options.sessions, WAVE):
            progress(f"{first} of {options.sessions} sessions")
            cuts += _wave(world, range(first, min(first + WAVE, options.sessions)))
    progress()
    result = _summed_up(cuts)
    print(json.dumps(result, indent=2)) if options.json else show(result)
    if not all(cut.is_reset for cut in cuts):
        sys.exit("some downloads were not reset")


def _wave(world: World, numbers: range) -> list[Cut]:
    watch = Watch()
    downloads: list[tuple[str, Download, bool]] = []
    for number in numbers:
        case = str(1_000 + number)
        world.desk.add(case, "i.ivers", "c-31", "lighthouse")
        session = world.session("iris", READ, f"quay:{case}")
        is_slow = number % SLOW_ONE_IN == 0
        address = session.base_urls["parcels"] + "stream/all"
        download = Download(address, session.enter("parcels"), SLOW_BUFFER if is_slow else None)
        if not is_slow:
            watch.add(download)
        downloads.append((case, download, is_slow))
    cuts = [_cut(world, watch, *one) for one in downloads]
    watch.stop()
    return cuts


def _cut(world: World, watch: Watch, case: str, download: Download, is_slow: bool) -> Cut:
    world.desk.close(case)
    sent = time.perf_counter()
    answer = world.desk.webhook(world.hook, case, "done")
    acknowledged, before = time.perf_counter(), download.received
    assert answer.status in (200, 202, 204), f"the webhook was refused: {answer.status} {answer.text}"
    if is_slow:
        # Only now the reader goes on reading: what still comes is what the kernels held.
        is_reset = download.read_to_end() == "reset"
        last = reset = acknowledged
    else:
        while id(download) not in watch.ended and time.perf_counter() - sent < 5:
            time.sleep(0.001)
        is_reset = watch.ended.get(id(download), False)
        last = watch.last.get(id(download), sent)
        reset = watch.ended_at.get(id(download), time.perf_counter())
    milliseconds = (acknowledged - sent) * 1e3, max(last - sent, 0) * 1e3, (reset - sent) * 1e3
    return Cut(*milliseconds, download.received - before, is_slow, is_reset)


def _summed_up(cuts: list[Cut]) -> dict:
    quick, slow = [cut for cut in cuts if not cut.is_slow], [cut for cut in cuts if cut.is_slow]

    def spread(values: list[float]) -> dict:
        percents = statistics.quantiles(values, n=100, method="inclusive") if len(values) > 1 else values * 99
        return {"p50": percents[49], "p99": percents[98], "max": max(values)}

    return {
        "bench": "revoke",
        "sessions": len(cuts),
        "downloads_at_once": WAVE,
        "not_reset": sum(not cut.is_reset for cut in cuts),
        "acknowledged_ms": spread([cut.acknowledged_ms for cut in cuts]),
        "last_byte_ms": spread([cut.last_byte_ms for cut in quick]),
        "reset_ms": spread([cut.reset_ms for cut in quick]),
        "bytes_after_acknowledged": spread([cut.bytes_after for cut in quick]),
        "bytes_after_to_a_reader_that_stopped": spread([cut.bytes_after for cut in slow]),
    }


def show(result: dict) -> None:
    print(f"{result['sessions']} sessions closed one by one, {result['downloads_at_once']} downloads at once\n")
    print(f"{'':52}{'p50':>10}{'p99':>10}{'most':>10}")
    for name, title in [
        ("acknowledged_ms", "webhook sent → acknowledged, ms"),
        ("last_byte_ms", "webhook sent → last byte at the client, ms"),
        ("reset_ms", "webhook sent → reset seen by the client, ms"),
        ("bytes_after_acknowledged", "bytes read after the acknowledgement"),
        ("bytes_after_to_a_reader_that_stopped", "the same, by a reader that had stopped reading"),
    ]:
        spread = result[name]
        print(f"{title:52}{spread['p50']:>10,.2f}{spread['p99']:>10,.2f}{spread['max']:>10,.2f}")
    print(f"\nnot reset: {result['not_reset']}")


if __name__ == "__main__":
    main()
