"""What one checked and durably recorded request costs, beside what others take for passing it on.

Run by `cargo xtask bench gateway`. Every round visits every target, so that a busy moment hits all of them alike;
processor time per request is the figure to trust on a busy machine; wall-clock figures come only from samples in
which others used little of the machine.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.blackbox.locum_world import World

from .load import Disk, Shot, disk, shoot
from .peers import ASKING, Peers, Target
from .processor import Load, Meter
from .progress import progress

LOCUM = "Locum, checked and durably recorded"
CONNECTIONS = [1, 32, 256]
HEADLINE_CONNECTIONS = 32
#: Above this, the wall clock tells of the neighbours.
MOST_FOREIGN = 0.08


@dataclass
class Sample:
    shot: Shot
    load: Load

    @property
    def microseconds(self) -> float:
        """Processor time per request."""
        return self.load.measured_ns / 1_000 / max(self.shot.requests, 1)

    @property
    def is_clean(self) -> bool:
        return self.load.foreign_share <= MOST_FOREIGN


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    pin_load, pin_tested = _pins()
    folder = Path(tempfile.mkdtemp(prefix="locum-bench-"))
    folder.chmod(0o755)
    try:
        peers = Peers(folder, pin_load, pin_tested)
        try:
            with World(parcels_upstream=peers.upstream_port, pin=pin_tested) as world:
                targets = [*peers.targets, _locum(world)]
                samples, disks = measure(targets, peers, options.rounds, pin_load, str(world.folder))
        finally:
            peers.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result = summed_up(samples, disks, peers.absent, bool(pin_tested))
    print(json.dumps(result, indent=2)) if options.json else show(result)
    if any(row["wrong_answers"] for row in result["targets"]):
        sys.exit("some answers were wrong: these figures mean nothing")


def _pins() -> tuple[list[str], list[str]]:
    """The load on one processor, what is tested on another; nothing where there is only one."""
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) < 2 or not shutil.which("taskset"):
        return [], []
    return ["taskset", "-c", str(processors[0])], ["taskset", "-c", str(processors[1])]


def _locum(world: World) -> Target:
    session = world.session("iris", {"parcels": ["parcel.read"]})
    cookie = session.enter("parcels")
    return Target(LOCUM, session.base_urls["parcels"] + "parcels/7", cookie, [world.server.process.pid])


def measure(targets: list[Target], peers: Peers, rounds: int, pin_load: list[str], folder: str):
    samples: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    disks: list[Disk] = []
    for number in range(rounds):
        disks.append(disk(folder))
        for connections in CONNECTIONS:
            for target in targets:
                progress(f"round {number + 1} of {rounds}: {connections:3} connections, {target.name}")
                beside = [pid for pid in (peers.upstream, peers.authorizer) if pid not in target.pids]
                with Meter(target.pids, beside) as meter:
                    shot = shoot(target.url, target.headers, connections, pin_load)
                samples[target.name, connections].append(Sample(shot, meter.load))
    progress()
    return samples, disks


def summed_up(samples, disks: list[Disk], absent: list[str], is_pinned: bool) -> dict:
    rows = [_row(name, connections, found) for (name, connections), found in samples.items()]
    by_name = {row["target"]: row for row in rows if row["connections"] == HEADLINE_CONNECTIONS}
    sync = Disk(statistics.median(d.p50 for d in disks), statistics.median(d.p99 for d in disks))
    ours, theirs = by_name[LOCUM], by_name[ASKING]
    ratios = {
        f"processor time per request ÷ {ASKING}": ours["microseconds"] / theirs["microseconds"],
        "processor time per request ÷ nginx": ours["microseconds"] / by_name["nginx"]["microseconds"],
        f"requests per second ÷ {ASKING}": _ratio(ours["per_second"], theirs["per_second"]),
    }
    return {
        "bench": "gateway",
        "pinned": is_pinned,
        "absent": absent,
        "disk_sync_microseconds": {"p50": sync.p50, "p99": sync.p99, "is_the_scheduler": sync.is_the_scheduler},
        "targets": rows,
        "ratios_at_32_connections": ratios,
    }


def _row(name: str, connections: int, samples: list[Sample]) -> dict:
    times = [sample.microseconds for sample in samples]
    clean = [sample for sample in samples if sample.is_clean]

    def median(of) -> float | None:
        return statistics.median(of(sample) for sample in clean) if clean else None

    return {
        "target": name,
        "connections": connections,
        "microseconds": statistics.median(times),
        "microseconds_range": [min(times), max(times)],
        "per_second": median(lambda sample: sample.shot.per_second),
        "p50_microseconds": median(lambda sample: sample.shot.p50),
        "p99_microseconds": median(lambda sample: sample.shot.p99),
        "samples": len(samples),
        "clean_samples": len(clean),
        "foreign_share": statistics.median(sample.load.foreign_share for sample in samples),
        "wrong_answers": sum(sample.shot.wrong for sample in samples),
    }


def _ratio(ours: float | None, theirs: float | None) -> float | None:
    return ours / theirs if ours and theirs else None


def show(result: dict) -> None:
    print("processor time in µs per request: median [least–most]; wall clock from clean samples only\n")
    heading = f"{'connections':>11}  {'target':45}{'µs/request':>22}{'requests/s':>14}{'p50/p99 µs':>16}"
    print(heading + f"{'clean':>8}{'foreign':>9}")
    for row in sorted(result["targets"], key=lambda row: row["connections"]):
        least, most = row["microseconds_range"]
        cost = f"{row['microseconds']:.1f} [{least:.1f}–{most:.1f}]"
        rate = f"{row['per_second']:,.0f}" if row["per_second"] else "not measured"
        times = f"{row['p50_microseconds']:,.0f}/{row['p99_microseconds']:,.0f}" if row["per_second"] else "–"
        clean = f"{row['clean_samples']}/{row['samples']}"
        print(f"{row['connections']:>11}  {row['target']:45}{cost:>22}{rate:>14}{times:>16}{clean:>8}"
              f"{row['foreign_share']:>9.0%}")  # fmt: skip
        if row["wrong_answers"]:
            print(f"{'':13}{row['wrong_answers']} wrong answers")
    sync = result["disk_sync_microseconds"]
    print(f"\none durable 4 KiB write here: p50 {sync['p50']:,.0f} µs, p99 {sync['p99']:,.0f} µs")
    if sync["is_the_scheduler"]:
        print("that is the scheduler's tick, not the disk: compare no latencies of this run")
    for name in result["absent"]:
        print(f"absent: {name}")
    if not result["pinned"]:
        print("not pinned: one processor, or no taskset")
    print()
    for name, ratio in result["ratios_at_32_connections"].items():
        print(f"{name}: {f'{ratio:.2f}' if ratio else 'not measured'}")


if __name__ == "__main__":
    main()
