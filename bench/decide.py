"""What one decision of policy costs, beside others that answer part of it.

Run by `cargo xtask bench decide`. The company has 10,000 people, 100 applications and 1,000 eligibilities. Peers answer
the one question that all of them answer, who may ask for which operation where: Cedar's authorizer by itself, with the
whole company as entities and a `permit` for each eligibility; Casbin, with its index; Rego, the language of Open Policy
Agent, compiled, with an index by application. Whoever answers otherwise than Locum makes the run worthless.

Every figure is processor time of the thread that decides. Wall-clock figures come only from rounds in which others used
little of the machine. Neighbours lengthen processor time too: they share the caches, and here the core. What they cannot
do is shorten it: every round asks the same in the same order in a process of its own, so that the least of the rounds,
sample by sample, is the nearest to what a decision costs by itself.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from .decide_peers import VENV, install
from .processor import Meter
from .progress import progress

#: Above this, the wall clock tells of the neighbours.
MOST_FOREIGN = 0.08
FULL, QUESTION, CEDAR, SCOPE = "decide", "one-question", "cedar-alone", "scope-check"
#: What is measured, its title, and the target for its p99 where there is one, in microseconds.
ROWS = [
    (FULL, "filing decided: may file, case, subject, route", 200),
    ("one application", "  of these: one application", None),
    ("two applications", "  of these: two applications crossed", None),
    ("an emergency", "  of these: an emergency", None),
    ("an agent", "  of these: an agent's", None),
    ("may-decide", "may this person decide", None),
    ("may-activate", "may it begin now", None),
    (QUESTION, "the one question: Locum", None),
    (CEDAR, "the one question: Cedar's authorizer alone", None),
    ("casbin", "the one question: Casbin", None),
    ("rego", "the one question: Rego", None),
    (SCOPE, "compiled scope check at the gateway", 2),
]
ABSENT = ["Open Policy Agent itself: neither Debian nor PyPI has it; Rego runs in Microsoft's implementation"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    # A driver beside the binary, built by the command that started this.
    driver = Path(os.environ["LOCUM_BIN"]).parent / "examples" / "decisions"
    absent = list(ABSENT)
    peers = install(absent)
    samples: dict[str, list[dict]] = defaultdict(list)
    shares: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        company = Path(folder) / "company.json"
        with company.open("w") as file:
            subprocess.run([driver, "questions"], check=True, stdout=file)
        for number in range(options.rounds):
            round_of = f"round {number + 1} of {options.rounds}"
            progress(f"{round_of}: Locum and Cedar")
            rows, share = _measured([driver, "measure"])
            for name in peers:
                progress(f"{round_of}: {name}")
                command = [VENV / "bin" / "python", "-m", "bench.decide_peers", name, company]
                more, other = _measured(command)
                rows, share = rows + more, max(share, other)
            shares.append(share)
            for row in rows:
                samples[row["name"]].append(row)
    progress()
    result = _summed_up(samples, shares, absent)
    print(json.dumps(result, indent=2)) if options.json else show(result)
    if result["wrong_answers"]:
        sys.exit("some answers differ: these figures mean nothing")


def _measured(command: list) -> tuple[list[dict], float]:
    """What a driver printed, and how much of the machine others used meanwhile."""
    with Meter([], []) as meter:
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in out.splitlines()], meter.load.foreign_share


def _summed_up(samples: dict[str, list[dict]], shares: list[float], absent: list[str]) -> dict:
    rows = []
    for name, title, target in ROWS:
        found = samples.get(name)
        if not found:
            continue
        clean = [row for row, share in zip(found, shares, strict=True) if share <= MOST_FOREIGN]
        median = {key: statistics.median(row[key] for row in found) for key in ("mean", "p50", "p99", "most")}
        wall = statistics.median(row["wall_p99"] for row in clean) if clean else None
        rows.append({"name": name, "title": title, **median, "least_p99": _least_p99(found), "wall_p99": wall,
                     "target_p99": target, "samples_a_round": found[0]["samples"]})  # fmt: skip
    by_name = {row["name"]: row for row in rows}
    cedar = by_name[CEDAR]["mean"]
    ratios = {f"{title} ÷ Locum": by_name[name]["mean"] / by_name[QUESTION]["mean"]
              for name, title, _ in ROWS if name in by_name and name in (CEDAR, "casbin", "rego")}  # fmt: skip
    return {
        "bench": "decide",
        "rounds": len(shares),
        "foreign_shares": shares,
        "absent": absent,
        "wrong_answers": sum(row.get("wrong_answers", 0) for found in samples.values() for row in found),
        "rows": rows,
        "ratios_of_mean_processor_time": {
            **ratios,
            "filing decided ÷ one question to Cedar's authorizer alone": by_name[FULL]["mean"] / cedar,
            "scope check ÷ one question to Cedar's authorizer alone": by_name[SCOPE]["mean"] / cedar,
        },
    }


def _least_p99(found: list[dict]) -> float | None:
    """The 99th percentile, in microseconds, of what each sample took in the round that disturbed it least."""
    rounds = [row["each"] for row in found if "each" in row]
    if not rounds:
        return None
    least = sorted(min(sample) for sample in zip(*rounds, strict=True))
    return least[(len(least) - 1) * 99 // 100] / 1e3


def show(result: dict) -> None:
    print("processor time in µs, medians of the rounds; wall clock from clean rounds only\n")
    titles = f"{'mean':>10}{'p50':>10}{'p99':>10}{'most':>10}{'least p99':>12}{'wall p99':>14}{'target p99':>12}"
    print(f"{'':50}{titles}")
    for row in result["rows"]:
        wall = "not measured" if row["wall_p99"] is None else f"{row['wall_p99']:,.2f}"
        least = "" if row["least_p99"] is None else f"{row['least_p99']:,.2f}"
        target = "" if row["target_p99"] is None else f"< {row['target_p99']}"
        times = "".join(f"{row[name]:>10,.2f}" for name in ("mean", "p50", "p99", "most"))
        print(f"{row['title']:50}{times}{least:>12}{wall:>14}{target:>12}")
    shares = ", ".join(f"{max(share, 0):.0%}" for share in result["foreign_shares"])
    print(f"\nothers used of the machine, round by round: {shares}")
    for name in result["absent"]:
        print(f"absent: {name}")
    print()
    for name, ratio in result["ratios_of_mean_processor_time"].items():
        print(f"{name}: {ratio:.3g}")


if __name__ == "__main__":
    main()
