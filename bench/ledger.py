"""How many records become durable in a second, and how long each waits, beside the disk itself and a SQL table.

Run by `cargo xtask bench ledger`. Peers in the same rounds: one thread that writes and syncs a block at a time (the
disk), and SQLite with one row a transaction (WAL, synchronous=FULL), which is what a table of access records costs.
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
from .progress import progress

WAITERS = [1, 32, 128]
MILLISECONDS = 1_000
SQL_ROWS = 300
ROW = "r" * 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    # A driver beside the binary, built by the command that started this.
    driver = Path(os.environ["LOCUM_BIN"]).parent / "examples" / "appends"
    rounds = []
    # Beside the binary and not under the system's temporary folder, which may lie in memory.
    with tempfile.TemporaryDirectory(dir=driver.parent) as folder:
        for number in range(options.rounds):
            progress(f"round {number + 1} of {options.rounds}")
            rounds.append(_round(driver, Path(folder) / str(number)))
    progress()
    result = _summed_up(rounds)
    print(json.dumps(result, indent=2)) if options.json else show(result)


def _round(driver: Path, folder: Path) -> dict:
    folder.mkdir()
    sync = disk(str(folder))
    widths = {}
    for waiters in WAITERS:
        command = [driver, folder / f"recorder-{waiters}", str(waiters), str(MILLISECONDS)]
        widths[waiters] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {"sync_p50": sync.p50, "sync_p99": sync.p99, "widths": widths,
            "sql": _sql(folder)}  # fmt: skip


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
                for name in ("per_second", "p50", "p99")
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
        "ratios": {
            "one waiter's median ÷ one sync": None if is_tick else alone["p50"] / sync_p50,
            f"{widest['waiters']} waiters' records per second ÷ (waiters × syncs per second)":
                widest["per_second"] / (widest["waiters"] * 1e6 / sync_p50),
            "records per second ÷ SQLite rows per second, one waiter": alone["per_second"] / sql,
        },
    }  # fmt: skip


def show(result: dict) -> None:
    print(f"{'waiters':>8}{'durable records/s':>20}{'p50 µs':>10}{'p99 µs':>10}")
    for row in result["recorder"]:
        print(f"{row['waiters']:>8}{row['per_second']:>20,.0f}{row['p50']:>10,.0f}{row['p99']:>10,.0f}")
    print(f"\nthe disk alone: one durable 4 KiB write p50 {result['sync_p50_microseconds']:,.0f} µs, "
          f"p99 {result['sync_p99_microseconds']:,.0f} µs")  # fmt: skip
    print(f"SQLite, one row a transaction, durable: {result['sqlite_rows_per_second']:,.0f} rows/s\n")
    for name, ratio in result["ratios"].items():
        print(f"{name}: {f'{ratio:.2f}' if ratio else 'not measured: a sync takes a tick of the scheduler'}")


if __name__ == "__main__":
    main()
