"""How fast an evidence pack of many access records verifies, in how much memory, beside its hashes alone.

Run by `cargo xtask bench verify`. The peer is SHA-256 of the very same leaves, commitments, personal digests and one
inner node for each, on one core, made ready before: no verifier can be faster. Rounds are interleaved;
what counts is the processor's time, which neighbours on the machine disturb least.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .processor import busy_ns
from .progress import progress

SIZES = [10_000, 100_000, 1_000_000]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    locum = Path(os.environ["LOCUM_BIN"])
    # A driver beside the binary, built by the command that started this.
    driver = locum.parent / "examples" / "large_event"
    rows = []
    # Beside the binary and not under the system's temporary folder, which may lie in memory.
    with tempfile.TemporaryDirectory(dir=driver.parent) as folder:
        for size in SIZES:
            progress(f"{size:,} records: writing the pack")
            pack = Path(folder) / f"{size}.zip"
            written = json.loads(_run([driver, "write", str(size), pack]).stdout)
            rounds = []
            for number in range(options.rounds):
                progress(f"{size:,} records: round {number + 1} of {options.rounds}")
                hashes = json.loads(_run([driver, "hash", str(size)]).stdout)["nanoseconds"] / 1e9
                rounds.append({"hashes": hashes, **_verified(locum, pack)})
            pack.unlink()
            rows.append({"records": size, "bytes": written["bytes"], **_medians(rounds)})
    progress()
    result = _summed_up(rows)
    print(json.dumps(result, indent=2)) if options.json else show(result)


def _run(command: list) -> subprocess.CompletedProcess:
    return subprocess.run(command, check=True, capture_output=True, text=True)


def _verified(locum: Path, pack: Path) -> dict:
    """One verification: processor time, wall clock, and the most memory that was held."""
    busy, began = busy_ns(), time.perf_counter()
    process = subprocess.Popen([locum, "evidence", "verify", "--json", pack], stdout=subprocess.PIPE)
    answer = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status != 0 or not json.loads(answer)["verified"]:
        sys.exit(f"the pack does not verify: {answer.decode()[:500]}")
    used = usage.ru_utime + usage.ru_stime
    foreign = ((busy_ns() - busy) / 1e9 - used) / (seconds * (os.cpu_count() or 1))
    return {"processor": used, "seconds": seconds, "kib": usage.ru_maxrss, "foreign": foreign}


def _medians(rounds: list[dict]) -> dict:
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def _summed_up(rows: list[dict]) -> dict:
    small, large = rows[0], rows[-1]
    return {
        "bench": "verify",
        "rows": rows,
        "ratios": {
            "hashes alone on one core ÷ processor time of the verification": large["hashes"] / large["processor"],
            f"memory with {large['records']:,} records ÷ with {small['records']:,}": large["kib"] / small["kib"],
        },
    }


def show(result: dict) -> None:
    print(f"{'records':>12}{'pack MiB':>10}{'verified s':>12}{'CPU s':>9}{'hashes s':>10}{'memory MiB':>12}{'others':>8}")
    for row in result["rows"]:
        print(
            f"{row['records']:>12,}{row['bytes'] / 2**20:>10,.1f}{row['seconds']:>12,.2f}{row['processor']:>9,.2f}"
            f"{row['hashes']:>10,.3f}{row['kib'] / 1024:>12,.1f}{row['foreign']:>8.0%}"
        )
    print()
    for name, ratio in result["ratios"].items():
        print(f"{name}: {ratio:.2f}")


if __name__ == "__main__":
    main()
