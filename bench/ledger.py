"""How many records become durable in a second, and how long each waits, beside the disk itself and a SQL table.

Run by `cargo xtask bench ledger`. Peers in the same rounds: one thread that writes and syncs a block at a time (the
disk), a bare preallocated file with the same group commit and Merkle hashes, and SQLite with one row a transaction
(WAL, synchronous=FULL), which is what a table of access records costs. Tessera and immudb are not run: they are in
none of the operating system's packages. What their defaults wait for is said as a fact.
"""

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from .load import Disk, disk
from .processor import busy_ns
from .progress import progress

WAITERS = [1, 32, 128]
MILLISECONDS = 1_000
SQL_ROWS = 300
#: So many records a second come while the checkpoint's lag is taken.
PACED = 5_000
#: Left without a place in the ledger by the crash that a start is measured after.
UNINDEXED = 1_000_000
DEFAULTS = "Tessera waits for 256 entries or 250 ms by default, immudb syncs every 20 ms; neither was run here"
ROW = "r" * 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    # A driver beside the binary, built by the command that started this.
    driver = Path(os.environ["LOCUM_BIN"]).parent / "examples" / "appends"
    indexed = driver.with_name("indexed")
    rounds = []
    # Beside the binary and not under the system's temporary folder, which may lie in memory.
    with tempfile.TemporaryDirectory(dir=driver.parent) as folder:
        for number in range(options.rounds):
            progress(f"round {number + 1} of {options.rounds}")
            rounds.append(_round(driver, indexed, Path(folder) / str(number)))
        progress(f"a start with {UNINDEXED:,} records without a place")
        started = _said(indexed, "start", Path(folder) / "start", UNINDEXED)
    progress()
    result = _summed_up(rounds) | {"start": started, "defaults": DEFAULTS}
    print(json.dumps(result, indent=2)) if options.json else show(result)


def _said(program: Path, *arguments) -> dict:
    """What a driver says, and the part of the processors that others used meanwhile."""
    busy, own, began = busy_ns(), os.times(), time.perf_counter()
    command = [program, *map(str, arguments)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after, seconds = os.times(), time.perf_counter() - began
    used = after.children_user + after.children_system - own.children_user - own.children_system
    foreign = ((busy_ns() - busy) / 1e9 - used) / (seconds * (os.cpu_count() or 1))
    return json.loads(text) | {"foreign": foreign}


def _round(driver: Path, indexed: Path, folder: Path) -> dict:
    folder.mkdir()
    sync = disk(str(folder))
    widths = {}
    for waiters in WAITERS:
        widths[waiters] = _said(driver, folder / f"recorder-{waiters}", waiters, MILLISECONDS, "recorder")
    most = WAITERS[-1]
    return {
        "sync_p50": sync.p50,
        "sync_p99": sync.p99,
        "widths": widths,
        "bare": _said(driver, folder / "bare", most, MILLISECONDS, "bare"),
        "index": {
            state: _said(indexed, "load", folder / f"index-{state}", most, MILLISECONDS, state) for state in ("off", "on")
        },
        "paced": _said(indexed, "paced", folder / "paced", PACED, 3 * MILLISECONDS),
        "sql": _sql(folder),
    }


def _sql(folder: Path) -> float:
    """Rows a second, one a transaction."""
    database = sqlite3.connect(folder / "rows.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE record (position INTEGER PRIMARY KEY, session TEXT, body TEXT)")
    database.execute("CREATE INDEX by_session ON record (session)")
    began = time.perf_counter()
    for number in range(SQL_ROWS):
        database.execute("INSERT INTO record VALUES (?, ?, ?)", (number, f"ses_{number % 7}", ROW))
    seconds = time.perf_counter() - began
    database.close()
    return SQL_ROWS / seconds


def _summed_up(rounds: list[dict]) -> dict:
    def median(of) -> float:
        return statistics.median(of(one) for one in rounds)

    sync_p50, sql = median(lambda one: one["sync_p50"]), median(lambda one: one["sql"])
    rows = [
        {
            "waiters": waiters,
            **{
                name: median(lambda one, w=waiters, n=name: one["widths"][w][n])
                for name in ("per_second", "p50", "p99", "foreign")
            },
        }
        for waiters in WAITERS
    ]
    alone, widest = rows[0], rows[-1]
    is_tick = Disk(sync_p50, sync_p50).is_the_scheduler
    return {
        "bench": "ledger",
        "sync_p50_microseconds": sync_p50,
        "sync_p99_microseconds": median(lambda one: one["sync_p99"]),
        "sync_is_the_scheduler": is_tick,
        "sqlite_rows_per_second": sql,
        "recorder": rows,
        "bare_per_second": median(lambda one: one["bare"]["per_second"]),
        "index": {
            state: median(lambda one, s=state: one["index"][s]["per_second"]) for state in ("off", "on")
        },
        "indexed_per_second": median(lambda one: one["index"]["on"]["indexed_per_second"]),
        "paced": {name: median(lambda one, n=name: one["paced"][n]) for name in ("refused", "lag_p50", "lag_p99")},
        "ratios": {
            f"{widest['waiters']} waiters' records per second ÷ those of a bare file": median(
                lambda one: one["widths"][WAITERS[-1]]["per_second"] / one["bare"]["per_second"]
            ),
            "records per second with the store's index ÷ without": median(
                lambda one: one["index"]["on"]["per_second"] / one["index"]["off"]["per_second"]
            ),
            "one waiter's median ÷ one sync": None if is_tick else alone["p50"] / sync_p50,
            f"{widest['waiters']} waiters' records per second ÷ (waiters × syncs per second)":
                widest["per_second"] / (widest["waiters"] * 1e6 / sync_p50),
            "records per second ÷ SQLite rows per second, one waiter": alone["per_second"] / sql,
        },
    }  # fmt: skip


def show(result: dict) -> None:
    print(f"{'waiters':>8}{'durable records/s':>20}{'p50 µs':>10}{'p99 µs':>10}{'others':>8}")
    for row in result["recorder"]:
        print(
            f"{row['waiters']:>8}{row['per_second']:>20,.0f}{row['p50']:>10,.0f}{row['p99']:>10,.0f}{row['foreign']:>8.0%}"
        )
    print(f"\na bare file, {WAITERS[-1]} waiters: {result['bare_per_second']:,.0f} records/s")
    index, paced, start = result["index"], result["paced"], result["start"]
    print(f"the store's index off {index['off']:,.0f}, on {index['on']:,.0f} records/s, "
          f"of which {result['indexed_per_second']:,.0f} got their place meanwhile")  # fmt: skip
    print(f"checkpoint after the record at {PACED:,} records/s: p50 {paced['lag_p50'] / 1e3:,.0f} ms, "
          f"p99 {paced['lag_p99'] / 1e3:,.0f} ms, {paced['refused']:,.0f} refused")  # fmt: skip
    print(f"a start with {start['records']:,} records without a place: {start['started_ms'] / 1e3:,.1f} s "
          f"(others {start['foreign']:.0%})")  # fmt: skip
    print(result["defaults"])
    print(f"\nthe disk alone: one durable 4 KiB write p50 {result['sync_p50_microseconds']:,.0f} µs, "
          f"p99 {result['sync_p99_microseconds']:,.0f} µs")  # fmt: skip
    print(f"SQLite, one row a transaction, durable: {result['sqlite_rows_per_second']:,.0f} rows/s\n")
    for name, ratio in result["ratios"].items():
        print(f"{name}: {f'{ratio:.2f}' if ratio else 'not measured: a sync takes a tick of the scheduler'}")


if __name__ == "__main__":
    main()
