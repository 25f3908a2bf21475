"""The ledger of a server that lives, walked by somebody who knows the standard and not Locum."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.blackbox import harbour
from tests.blackbox.checks import Checks
from tests.blackbox.locum_process import ROOT
from tests.blackbox.locum_world import World
from tests.blackbox.note import verifier_key
from tests.ledger import lies, nowhere, period, traffic
from tests.ledger.canned import Recording
from tests.ledger.note import VerifierKey
from tests.ledger.walk import Walked, holds_still, unproved, walk

ENTRIES, ENTRIES_LONG = 600, 100_000
CASE = 200_000


def play(world: World, checks: Checks) -> None:
    entries = ENTRIES_LONG if os.environ.get("LOCUM_LONG") else ENTRIES
    key = VerifierKey.parse(verifier_key(harbour.ORIGIN, world.folder / "keys" / "ledger.key"))
    prefix = f"{world.url}/ledger"
    checks.chapter("A ledger that grows is walked")
    traffic.until(world, 300, CASE)
    early = walk(Recording(prefix), key)
    checks.that(f"the first {early.checkpoint.size} entries verify", not unproved(early))
    traffic.until(world, entries, CASE + 10_000)
    log = Recording(prefix)
    late = walk(log, key)
    size = late.checkpoint.size
    missing = unproved(late)
    checks.that(f"each of {size} entries is proved to be included ({late.fetched} resources)", not missing, missing[:5])
    checks.that("what the first checkpoint said still holds", holds_still(early.checkpoint, late))
    checks.that("and not the other way round", not holds_still(late.checkpoint, early))
    _still_served(world, checks, key, early)
    checks.that("bundles of entries travel compressed", late.compressed >= len(late.entries) // 256, late.compressed)
    kinds = set(_kinds(late))
    mixed = {"request-filed", "request-denied", "session-started", "access-admitted", "access-refused"}
    checks.that(f"the events are mixed: {len(kinds)} kinds", mixed <= kinds, sorted(kinds))
    _agrees(world, checks, late)
    period.play(world, checks, late)
    _as_a_program(world, checks, early, prefix)
    nowhere.play(checks, prefix, traffic.size(world))
    lies.play(checks, early_answers(world, key, early), key, early)


def early_answers(world: World, key: VerifierKey, early: Walked) -> dict:
    """What a log answers that stopped at the early checkpoint: quick to walk again and again."""
    log = Recording(f"{world.url}/ledger")
    walk(log, key, note=early.checkpoint.note.encode())
    headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-cache"}
    return {**log.answers, "checkpoint": (200, headers, early.checkpoint.note.encode())}


def _still_served(world: World, checks: Checks, key: VerifierKey, early: Walked) -> None:
    again = walk(Recording(f"{world.url}/ledger"), key, note=early.checkpoint.note.encode())
    checks.that("the partial tiles of an earlier checkpoint are still served", again.entries == early.entries)


def _kinds(walked: Walked):
    for entry in walked.entries:
        yield entry.split(b'"kind":"')[1].split(b'"')[0].decode()


def _agrees(world: World, checks: Checks, walked: Walked) -> None:
    """`ledger verify` opens every payload, which the walker cannot; both must count the same entries."""
    verdict = world.locum("ledger", "verify", "--config", str(world.config))
    counted = verdict.stdout.split(" ")[0]
    size = traffic.size(world)
    checks.that(
        f"`locum ledger verify` agrees: {counted} entries",
        verdict.returncode == 0 and counted == str(size) and size >= walked.checkpoint.size,
        verdict.stdout + verdict.stderr,
    )


def _as_a_program(world: World, checks: Checks, early: Walked, prefix: str) -> None:
    """As an auditor calls it, with a checkpoint that was kept."""
    key = verifier_key(harbour.ORIGIN, world.folder / "keys" / "ledger.key")
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "checkpoint"
        kept.write_text(early.checkpoint.note)
        call = [sys.executable, str(ROOT / "tests/ledger/walk.py"), prefix, "--key", key, "--since", str(kept)]
        told = subprocess.run(call, capture_output=True, text=True)
        checks.that(
            "an auditor's own call says so with one command",
            told.returncode == 0 and f"consistent with the checkpoint over {early.checkpoint.size}" in told.stdout,
            told.stdout + told.stderr,
        )
        rewritten = early.checkpoint.note.replace(f"\n{early.checkpoint.size}\n", f"\n{early.checkpoint.size - 1}\n")
        kept.write_text(rewritten)
        refused = subprocess.run(call, capture_output=True, text=True)
        checks.that("and with a forged one it ends with 1", refused.returncode == 1, refused.stdout + refused.stderr)
