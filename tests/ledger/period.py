"""The chains of access events in a ledger, and the evidence of all of them: as many as the walker counts."""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.blackbox import harbour
from tests.blackbox.checks import Checks
from tests.blackbox.locum_process import ROOT
from tests.blackbox.locum_world import World
from tests.blackbox.note import verifier_key
from tests.ledger.walk import Walked


def play(world: World, checks: Checks, walked: Walked) -> None:
    filed, wrong = _chained(walked.entries)
    checks.that(f"the entries of each of {len(filed)} access events count themselves without a gap", not wrong, wrong[:5])
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "population.zip")
        period = ["--from", "1970-01-01", "--to", "2999-12-31", "-o", file]
        refused = world.as_person("iris", "evidence", "export", *period)
        checks.that("who is no auditor takes no period", refused.returncode == 1, refused.stdout + refused.stderr)
        exported = world.as_person("ava", "evidence", "export", *period)
        checks.that("an auditor takes the evidence of all of it", exported.returncode == 0, exported.stderr)
        key = verifier_key(harbour.ORIGIN, world.folder / "keys" / "ledger.key")
        said = f"population complete: {len(filed)} of {len(filed)}"
        verdict = world.locum("evidence", "verify", file, "--key", key)
        told = verdict.stdout.startswith(f"{said};")
        checks.that(f"the verifier counts as many: {said}", verdict.returncode == 0 and told, verdict.stdout + verdict.stderr)
        second = [sys.executable, str(ROOT / "tests/evidence/population.py"), file, "--key", key]
        theirs = subprocess.run(second, capture_output=True, text=True)
        agrees = theirs.returncode == 0 and json.loads(theirs.stdout)["sentence"] == said
        checks.that("and so does the second one", agrees, theirs.stdout[:500] + theirs.stderr)


def _chained(entries: list[bytes]) -> tuple[set[str], list[int]]:
    """The events that were filed, and the positions of entries that are not the next of their event."""
    newest: dict[str, tuple[int, str]] = {}
    filed, wrong = set(), []
    for position, entry in enumerate(entries):
        said = json.loads(entry)
        if "event" not in said:
            continue
        event, leaf = said["event"], hashlib.sha256(b"\x00" + entry).hexdigest()
        count, before = newest.get(event, (0, None))
        if (said["nth"], said.get("previous")) != (count + 1, before):
            wrong.append(position)
        if said["nth"] == 1:
            filed.add(event)
        newest[event] = (said["nth"], leaf)
    return filed, wrong
