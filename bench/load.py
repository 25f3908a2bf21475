"""wrk as load generator, and the disk's own speed as a yardstick."""

import os
import re
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass

SECONDS = 2
SYNCS = 400
#: The scheduler's tick. A sync whose median is a multiple of it says more about the scheduler than about the disk.
TICK_MICROSECONDS = 4_000
_UNITS = {"us": 1.0, "ms": 1_000.0, "s": 1_000_000.0, "m": 60_000_000.0}


@dataclass
class Shot:
    """One run of the load generator. Times in microseconds."""

    requests: int
    per_second: float
    p50: float
    p99: float
    #: Answers other than 2xx, and broken connections.
    wrong: int


def shoot(url: str, headers: dict[str, str], connections: int, pin: list[str]) -> Shot:
    command = [*pin, "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "--timeout", "10s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    text = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    socket_errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    wrong = sum(map(int, socket_errors.groups())) if socket_errors else 0
    bad_answers = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Shot(
        requests=int(_find(r"(\d+) requests in", text)),
        per_second=float(_find(r"Requests/sec:\s+([\d.]+)", text)),
        p50=_microseconds(_find(r"\s50%\s+(\S+)", text)),
        p99=_microseconds(_find(r"\s99%\s+(\S+)", text)),
        wrong=wrong + (int(bad_answers.group(1)) if bad_answers else 0),
    )


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise ValueError(f"wrk said nothing like {pattern!r}:\n{text}")
    return found.group(1)


def _microseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * _UNITS[unit]


@dataclass
class Disk:
    """What one durable 4 KiB write into a preallocated file costs here and now, in microseconds."""

    p50: float
    p99: float

    @property
    def is_the_scheduler(self) -> bool:
        return self.p50 > 0.9 * TICK_MICROSECONDS


def disk(folder: str) -> Disk:
    block, times = os.urandom(4096), []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        os.posix_fallocate(file.fileno(), 0, SYNCS * len(block))
        os.fsync(file.fileno())
        for number in range(SYNCS):
            began = time.perf_counter()
            os.pwrite(file.fileno(), block, number * len(block))
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1e6)
    cuts = statistics.quantiles(times, n=100)
    return Disk(cuts[49], cuts[98])
