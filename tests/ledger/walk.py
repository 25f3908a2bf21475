#!/usr/bin/env python3
"""Walks a ledger over HTTP and believes nothing of it: `tests/ledger/walk.py BASE_URL --key VKEY [--witness VKEY]...`.

Written from C2SP's documents and RFC 6962 alone, and sharing no code with Locum: it opens the checkpoint, fetches every
tile and every bundle of entries, works the tree out from the entries, proves each of them to be included, and proves
that what an earlier checkpoint said still holds. Ends with 0 when all of that is so, and with 1 and a sentence if not.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.ledger.note import BadNote, Checkpoint, VerifierKey, open_checkpoint
from tests.ledger.tiles import FULL_WIDTH, HIGHEST_LEVEL, Departure, Log, widths
from tests.ledger.tree import Tree, is_consistent, is_included, leaf_hash, root_of


@dataclass(frozen=True)
class Walked:
    """A ledger that was seen whole."""

    checkpoint: Checkpoint
    tree: Tree
    entries: list[bytes]
    fetched: int
    compressed: int


def walk(log: Log, log_key: VerifierKey, witnesses: list[VerifierKey] = (), note: bytes | None = None) -> Walked:
    """Everything that the newest checkpoint, or this one, covers."""
    checkpoint = open_checkpoint(note or log.checkpoint(), log_key, list(witnesses))
    size = checkpoint.size
    tiles = {
        (level, number): log.hashes(level, number, width)
        for level in range(HIGHEST_LEVEL + 1)
        for number, width in enumerate(widths(size, level))
    }
    entries = []
    for number, width in enumerate(widths(size, 0)):
        bundle = log.entries(number, width)
        if [leaf_hash(entry) for entry in bundle] != tiles[0, number]:
            raise Departure(f"bundle {number} holds other entries than tile {number} of level 0 says")
        entries += bundle
    for (level, number), hashes in tiles.items():
        if len(hashes) == FULL_WIDTH and tiles[level + 1, number // FULL_WIDTH][number % FULL_WIDTH] != root_of(hashes):
            raise Departure(f"level {level + 1} says something else of tile {number} of level {level} than it holds")
    tree = Tree(size, tiles)
    if tree.root() != checkpoint.root or root_of([leaf_hash(entry) for entry in entries]) != checkpoint.root:
        raise Departure("the entries do not have the root that the checkpoint signs")
    return Walked(checkpoint, tree, entries, log.fetched, log.compressed)


def unproved(walked: Walked) -> list[int]:
    """The places of entries that are not proved to be in the tree."""
    size, root = walked.checkpoint.size, walked.checkpoint.root
    return [
        place
        for place, entry in enumerate(walked.entries)
        if not is_included(leaf_hash(entry), place, size, walked.tree.inclusion(place), root)
    ]


def holds_still(old: Checkpoint, walked: Walked) -> bool:
    """Whether a later ledger proves that it only grew."""
    new = walked.checkpoint
    if old.size > new.size or old.origin != new.origin:
        return False
    proof = walked.tree.consistency(old.size) if old.size else []
    return is_consistent(old.size, old.root, new.size, new.root, proof)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("prefix", metavar="BASE_URL", help="where the ledger is, such as http://localhost:8470/ledger")
    parser.add_argument("--key", required=True, type=VerifierKey.parse, help="the ledger's verifier key")
    parser.add_argument("--witness", action="append", default=[], type=VerifierKey.parse, help="a witness's")
    parser.add_argument("--cosignatures", type=int, default=0, help="how many of the witnesses must have cosigned")
    parser.add_argument("--since", type=Path, help="a checkpoint that was kept earlier")
    parser.add_argument("--keep", type=Path, help="where to keep the checkpoint for the next time")
    arguments = parser.parse_args()
    try:
        told = _judge(arguments)
    except (BadNote, Departure, OSError, ValueError) as fault:
        sys.exit(f"not verified: {fault}")
    print(told)


def _judge(arguments: argparse.Namespace) -> str:
    since = arguments.since and open_checkpoint(arguments.since.read_bytes(), arguments.key, arguments.witness)
    walked = walk(Log(arguments.prefix), arguments.key, arguments.witness)
    checkpoint = walked.checkpoint
    if missing := unproved(walked):
        raise Departure(f"entry {missing[0]} is not proved to be in the tree")
    if since and not holds_still(since, walked):
        raise Departure(f"what the checkpoint over {since.size} entries said does not hold any more")
    if len(checkpoint.cosigned) < arguments.cosignatures:
        raise Departure(f"{len(checkpoint.cosigned)} witnesses cosigned, not {arguments.cosignatures}")
    if arguments.keep:
        arguments.keep.write_text(checkpoint.note)
    lines = [
        f"{checkpoint.origin}: {checkpoint.size} entries, each included under root {checkpoint.root.hex()}",
        f"{walked.fetched} resources fetched, {walked.compressed} of them compressed",
    ]
    lines += [f"cosigned by {name} at {time}" for name, time in sorted(checkpoint.cosigned.items())]
    lines += [f"signed by {name} too, whose key is not known" for name in checkpoint.unknown]
    lines += [f"consistent with the checkpoint over {since.size} entries"] if since else []
    return "\n".join(lines)


if __name__ == "__main__":
    main()
