"""How much processor time processes used, and how much everybody else did."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and everything it started, as far as it runs still."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, rest = [], [pid]
    while rest:
        one = rest.pop()
        found.append(one)
        rest += parents.get(one, [])
    return found


def used_ns(pids: list[int]) -> int:
    """Nanoseconds on a processor so far: field 1 of schedstat, over every thread."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(task.read_text().split()[0])
            except OSError:
                continue
    return total


def busy_ns() -> int:
    """Nanoseconds that all processors of the machine were busy so far."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) * 1_000_000_000 // TICKS


@dataclass
class Load:
    """What a stretch of time cost: the measured processes, the rest of this benchmark, and everybody else."""

    seconds: float
    measured_ns: int
    own_ns: int
    busy_ns: int

    @property
    def foreign_share(self) -> float:
        """The part of all processors that others used; slightly negative is rounding."""
        return (self.busy_ns - self.measured_ns - self.own_ns) / (self.seconds * 1e9 * (os.cpu_count() or 1))


class Meter:
    """Measures one stretch: the processes under test, and beside them what belongs to the benchmark."""

    def __init__(self, measured: list[int], beside: list[int]):
        self.measured = [pid for root in measured for pid in family(root)]
        self.beside = [pid for root in beside for pid in family(root)]

    def __enter__(self):
        self.at = (time.monotonic(), used_ns(self.measured), used_ns(self.beside), busy_ns(), _generator_ns())
        return self

    def __exit__(self, *_):
        began, measured, beside, busy, generator = self.at
        self.load = Load(
            time.monotonic() - began,
            used_ns(self.measured) - measured,
            used_ns(self.beside) - beside + _generator_ns() - generator,
            busy_ns() - busy,
        )


def _generator_ns() -> int:
    """Of programs that ran to their end, as the load generator does, and of this one."""
    times = os.times()
    return int((times.children_user + times.children_system + times.user + times.system) * 1e9)
