#!/usr/bin/env python3
"""Verifies an evidence pack: a second implementation, written from docs/reference/evidence.md alone.

Usage: verify_pack.py PACK [--key VKEY-OR-FILE] [--founders FILE]

Needs nothing but Python 3.9. Prints one JSON object and exits 0, or one sentence on standard error and exits 4.
"""

import argparse
import json
import os
import sys

import again
import archive
import belonging
import chain
import crossing
import epochs
import ledger
import personal
import report
import rules
import story
import whole

LINE = ("body", "erased", "personal", "position", "salt", "stream")
STYLE_DIGEST = "2ad2ccc1c9202426f9f7090d2ab05a1114c01e82270591483ef8fbf17be8fd1b"


class Failure(Exception):
    """What is wrong, as one sentence."""


def demand(condition, sentence):
    if not condition:
        raise Failure(sentence)


def verify(pack, trusted, founders):
    files = archive.read(pack)
    demand(files is not None, "the file is not an evidence pack in its one form")
    names = [name for name, _ in files]
    demand(len(set(names)) == len(names), "a file stands twice")
    demand(names[:1] == ["manifest.json"], "`manifest.json` is not the first file")
    files = dict(files)
    manifest = json.loads(files["manifest.json"])
    for name in names[1:]:
        demand(name in manifest["files"], f"`{name}` is added")
        demand(ledger.sha256(files[name]).hex() == manifest["files"][name], f"`{name}` is altered")
    for name in manifest["files"]:
        demand(name in files, f"`{name}` is missing")

    vkey = files["keys/ledger.vkey"].decode().rstrip("\n")
    demand(trusted is None or trusted == vkey, f"signed by `{vkey}` and not by the key you gave")
    note = files["checkpoint"].decode()
    size, root = ledger.checkpoint(note, vkey)
    demand(size is not None, "the checkpoint is not signed by the key")

    rows = payloads(files)
    positions = [row["position"] for row in rows]
    demand(positions and positions == sorted(set(positions)), "positions are not in order")
    demand(positions[-1] < size, "an entry is beyond the checkpoint")
    needed = ledger.needed(size, positions)
    for name in needed:
        demand(name in files, f"`{name}` is missing")
    tiles, entries = ledger.tiles(size, {name: files[name] for name in needed})
    demand(tiles is not None, "an entry bundle or tile does not have its form")
    demand(ledger.leads_to(tiles, size, root), "the tiles do not lead to the checkpoint's root")

    for row in rows:
        entry = entries[row["position"]]
        opening, is_apart = personal.opening(row)
        where = f"the payload of entry {row['position']}"
        demand(opening.hex() == entry["commitment"], f"{where} is not the one committed to")
        demand(is_apart, f"{where} does not keep apart just what is personal")
        demand(row["body"]["type"] == entry["kind"], f"{where} is of another kind")
        row["disclosed"] = {name: row[name] for name in LINE if name in row}
        row["body"] = personal.whole(row)
        row["at"] = entry["at"]

    told, approvals = story.tell(rows)
    made = {name: files[name] for name in needed}
    made["checkpoint"] = note.encode()
    made["keys/ledger.vkey"] = f"{vkey}\n".encode()
    made["access-event.json"] = (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()
    style = files["report.html"].decode().split("<style>", 1)[1].split("</style>", 1)[0]
    demand(ledger.sha256(style.encode()).hex() == STYLE_DIGEST, "the report has another style")
    made["report.html"] = report.page(told, style).encode()
    for approval in approvals:
        made[f"approvals/{approval['position']}.json"] = ledger.canonical(approval)
    for row in rows:
        made |= again.files(row)
    for row in rows:
        name = f"payloads/{ledger.index(row['position'] // 256)}.jsonl"
        made[name] = made.get(name, b"") + ledger.canonical(row["disclosed"]) + b"\n"
    for end, position in (("first", positions[0]), ("last", positions[-1])):
        made[f"proofs/{end}.tlog-proof"] = ledger.tlog_proof(tiles, size, position, note)
        made[f"proofs/{end}.consistency"] = ledger.consistency(tiles, position + 1, size)

    witnessed, wrong = crossing.proofs(rows, vkey, size, root, files)
    demand(wrong is None, wrong)
    made |= witnessed

    for name in made:
        demand(name in files, f"`{name}` is missing")
        demand(made[name] == files[name], f"`{name}` does not follow from the entries")
    for name in names[1:]:
        demand(name in made, f"`{name}` is added")
    digests = {name: ledger.sha256(content).hex() for name, content in made.items()}
    made["manifest.json"] = ledger.canonical({"files": digests, "format": "locum-evidence/1"})
    order = ["manifest.json"] + sorted(digests)
    demand(archive.write([(name, made[name]) for name in order]) == pack, "the files are not in their order")
    own, gap = whole.counted(rows, entries, tiles, told["id"])
    demand(gap is None, gap)
    origin = vkey.split("+", 1)[0]
    gap = epochs.fault(rows, origin)
    demand(gap is None, gap)
    broken = personal.withheld(rows) or rules.broken_rule(rows, told, approvals)
    demand(broken is None, f"a rule is broken: {broken}")
    with_facts, otherwise = again.difference(rows)
    demand(otherwise is None, f"decided otherwise than the rules in force demanded: {otherwise}")
    stood = crossing.looks(rows, tiles)
    signatures, leads = chain.check(rows, epochs.epoch_of(origin)[0], approvals, stood, founders)

    sentence = f"consistent, signed by {vkey}, not checked against a key you trust"
    if trusted is not None:
        sentence = f"verified: whole, unaltered and signed by {vkey}, the key you gave"
    sentence += seen(note, vkey)
    answer = {"sentence": sentence + leads, "event": told["id"], "size": size, "findings": findings(told)}
    said = f"{with_facts} decisions name rules that are in the pack; this verifier does not decide again"
    answer["decided_again"] = {"sentence": said, "with_facts": with_facts}
    return answer | {"own_entries": own, "signatures": signatures}


def findings(told):
    return told["findings"] + crossing.of_checkpoints(told)


def seen(note, vkey):
    """This verifier knows no witnesses: it says so, and how many cosignatures it left unchecked."""
    count = len(ledger.cosigners(note, vkey.split("+", 1)[0]))
    alone = "; vouched for by the operator alone"
    if count == 0:
        return alone
    some = "1 cosignature was" if count == 1 else f"{count} cosignatures were"
    return f"{alone}: {some} not checked against a trust policy"


def payloads(files):
    rows = []
    for name, content in files.items():
        if name.startswith("payloads/"):
            demand(content.endswith(b"\n"), f"`{name}` is cut")
            for line in content[:-1].split(b"\n"):
                row = json.loads(line)
                members = set(row) - {"erased", "personal"}
                demand(members == {"body", "position", "salt", "stream"}, f"`{name}` has another form")
                rows.append(row)
    return sorted(rows, key=lambda row: row["position"])


def run(verify, told):
    """Judges the file that the command line names; 0 or 4 is the exit status."""
    arguments = argparse.ArgumentParser(description=told)
    arguments.add_argument("pack")
    arguments.add_argument("--key")
    arguments.add_argument("--founders")
    given = arguments.parse_args()
    key = given.key
    if key is not None and os.path.exists(key):
        with open(key, encoding="utf-8") as file:
            key = file.read()
    with open(given.pack, "rb") as file:
        pack = file.read()
    try:
        founders = None
        if given.founders is not None:
            with open(given.founders, encoding="utf-8") as file:
                founders = chain.parse_founders(file.read())
        print(json.dumps(verify(pack, key and key.strip(), founders)))
        return 0
    except (Failure, belonging.Stray, chain.Broken) as failure:
        print(failure, file=sys.stderr)
        return 4
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        print(f"a part of the pack does not have its form: {error!r}", file=sys.stderr)
        return 4


if __name__ == "__main__":
    sys.exit(run(verify, __doc__))
