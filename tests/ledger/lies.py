"""The walker put to the test: a log that lies in any one way is not verified, and it is said where."""

import base64
import gzip
import hashlib

from tests.blackbox import ed25519
from tests.blackbox.checks import Checks
from tests.ledger.canned import Canned
from tests.ledger.note import BadNote, VerifierKey, open_checkpoint
from tests.ledger.tiles import Departure, path_of, widths
from tests.ledger.walk import Walked, holds_still, unproved, walk

WITNESS_SEED = bytes(range(64, 96))
TIME = 1_679_315_147


def play(checks: Checks, answers: dict, key: VerifierKey, honest: Walked) -> None:
    checks.chapter("A log that lies is caught by the walker")
    size = honest.checkpoint.size
    last = len(widths(size, 0)) - 1
    partial = path_of(0, last, widths(size, 0)[-1])
    bundle = path_of("entries", last, widths(size, 0)[-1])
    for sentence, path, change in [
        ("a flipped bit in a full tile", path_of(0, 0), _flipped),
        ("a flipped bit in the partial tile", partial, _flipped),
        ("a flipped bit in a tile of the level above", path_of(1, 0, size >> 8), _flipped),
        ("a flipped bit in an entry", bundle, _entry_flipped),
        ("an entry left out", bundle, lambda data: data[2 + int.from_bytes(data[:2], "big") :]),
        ("an entry cut short", bundle, lambda data: data[:-1]),
        ("two entries in the other order", path_of("entries", 0), _swapped),
        ("a tile cut short", path_of(0, 0), lambda data: data[:-32]),
        ("a tile that is gone", path_of(0, 0), None),
        ("a larger size", "checkpoint", lambda data: data.replace(b"\n%d\n" % size, b"\n%d\n" % (size + 1), 1)),
        ("a size with a leading zero", "checkpoint", lambda data: data.replace(b"\n%d\n" % size, b"\n0%d\n" % size, 1)),
        ("another root", "checkpoint", lambda data: _root_replaced(data, honest)),
        ("a note without signatures", "checkpoint", lambda data: data.split(b"\n\n")[0] + b"\n\n"),
        ("a signature with a flipped bit", "checkpoint", _signature_flipped),
    ]:
        checks.that(f"{sentence} is not verified", _refused({**answers, path: _changed(answers[path], change)}, key))
    headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "max-age=3600"}
    kept = {**answers, "checkpoint": (200, headers, answers["checkpoint"][2])}
    checks.that("a checkpoint that caches may keep is a departure", _refused(kept, key))
    stranger = VerifierKey.parse(_vkey(key.name, 0x01, ed25519.public_key(WITNESS_SEED)))
    checks.that("a log of another key is not verified", _refused(answers, stranger))
    _proofs(checks, honest)
    _cosignatures(checks, honest, key)


def _proofs(checks: Checks, honest: Walked) -> None:
    checkpoint = honest.checkpoint
    forged = Walked(checkpoint, honest.tree, [*honest.entries[:-1], b"forged"], 0, 0)
    checks.that("an entry that is not in the tree has no proof", unproved(forged) == [checkpoint.size - 1])
    sizes = {1, 2, 3, 128, 255, 256, 257, checkpoint.size // 2, checkpoint.size - 1, checkpoint.size}
    rewritten = [old for old in sizes if not _is_old(honest, old, honest.tree.root(old))]
    checks.that("each earlier root is proved to hold still", not rewritten, rewritten)
    believed = [old for old in sizes if _is_old(honest, old, hashlib.sha256(b"%d" % old).digest())]
    checks.that("no other root of an earlier size is", not believed, believed)


def _is_old(honest: Walked, size: int, root: bytes) -> bool:
    old = type(honest.checkpoint)("", honest.checkpoint.origin, size, root)
    return holds_still(old, honest)


def _cosignatures(checks: Checks, honest: Walked, key: VerifierKey) -> None:
    public = ed25519.public_key(WITNESS_SEED)
    witness = VerifierKey.parse(_vkey("witness.example/w1", 0x04, public))
    text = honest.checkpoint.note.split("\n\n")[0] + "\n"

    def cosigned(message: str) -> bytes:
        signature = witness.key_id + TIME.to_bytes(8, "big") + ed25519.sign(WITNESS_SEED, message.encode())
        return f"{honest.checkpoint.note}— {witness.name} {base64.b64encode(signature).decode()}\n".encode()

    note = cosigned(f"cosignature/v1\ntime {TIME}\n{text}")
    seen = open_checkpoint(note, key, [witness])
    checks.that("a witness's cosignature is verified", seen.cosigned == {witness.name: TIME}, seen)
    ignored = open_checkpoint(note, key, [])
    checks.that("that of a witness nobody named is ignored and told", ignored.unknown == (witness.name,), ignored)
    other_time = cosigned(f"cosignature/v1\ntime {TIME + 1}\n{text}")
    checks.that("one over another time spoils the note", _note_refused(other_time, key, witness))
    plain = cosigned(text)
    checks.that("a plain signature in its place spoils the note", _note_refused(plain, key, witness))


def _vkey(name: str, kind: int, public: bytes) -> str:
    material = bytes([kind]) + public
    key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(material).decode()}"


def _refused(answers: dict, key: VerifierKey) -> bool:
    try:
        walk(Canned(answers), key)
    except (BadNote, Departure, ValueError):
        return True
    return False


def _note_refused(note: bytes, key: VerifierKey, witness: VerifierKey) -> bool:
    try:
        open_checkpoint(note, key, [witness])
    except BadNote:
        return True
    return False


def _changed(answer: tuple, change) -> tuple:
    status, headers, data = answer
    if change is None:
        return 404, {}, b""
    if headers.get("content-encoding") == "gzip":
        return status, headers, gzip.compress(change(gzip.decompress(data)))
    return status, headers, change(data)


def _flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def _entry_flipped(data: bytes) -> bytes:
    return data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]


def _swapped(data: bytes) -> bytes:
    first = 2 + int.from_bytes(data[:2], "big")
    second = first + 2 + int.from_bytes(data[first : first + 2], "big")
    return data[first:second] + data[:first] + data[second:]


def _root_replaced(data: bytes, honest: Walked) -> bytes:
    root = base64.b64encode(honest.checkpoint.root)
    return data.replace(root, base64.b64encode(hashlib.sha256(root).digest()), 1)


def _signature_flipped(data: bytes) -> bytes:
    lines = data.decode().split("\n")
    start, encoded = lines[-2].rsplit(" ", 1)
    signature = base64.b64decode(encoded)
    lines[-2] = f"{start} {base64.b64encode(signature[:-1] + bytes([signature[-1] ^ 1])).decode()}"
    return "\n".join(lines).encode()
