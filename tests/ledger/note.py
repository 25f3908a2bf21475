"""Signed notes, checkpoints and cosignatures, from C2SP's signed-note, tlog-checkpoint and tlog-cosignature alone."""

import base64
import hashlib
import re
from dataclasses import dataclass, field

from tests.blackbox import ed25519

ED25519, COSIGNATURE = 0x01, 0x04
LATEST_TIME = 2**63 - 1


class BadNote(Exception):
    """What is wrong with a note, in words."""


@dataclass(frozen=True)
class VerifierKey:
    """`name+id+key` (signed-note, "Verifier keys"): an Ed25519 key of a log, or one of a witness."""

    name: str
    key_id: bytes
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not re.fullmatch("[0-9a-f]{8}", parts[1]) or not _is_name(parts[0]):
            raise BadNote(f"`{text}` is no verifier key")
        material = base64.b64decode(parts[2], validate=True)
        kind, public = material[0], material[1:]
        if kind not in (ED25519, COSIGNATURE) or len(public) != 32:
            raise BadNote(f"{parts[0]}: a key of type 0x{kind:02x} is not verified here")
        key_id = hashlib.sha256(parts[0].encode() + b"\n" + material).digest()[:4]
        if key_id.hex() != parts[1]:
            raise BadNote(f"{parts[0]}: the key has id {key_id.hex()} and not {parts[1]}")
        return cls(parts[0], key_id, kind, public)

    def signed(self, text: str, signature: bytes) -> int:
        """The time of a cosignature, 0 for a plain signature; raises when it is not this key's over the text."""
        if self.kind == ED25519:
            time, message, signature = 0, text, signature
        else:
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = f"cosignature/v1\ntime {time}\n{text}"
        if time > LATEST_TIME or not ed25519.verifies(self.public, message.encode(), signature):
            raise BadNote(f"the signature of {self.name} does not verify")
        return time


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself, and who vouches for it."""

    note: str
    origin: str
    size: int
    root: bytes
    #: witness -> when it cosigned (POSIX seconds)
    cosigned: dict[str, int] = field(default_factory=dict)
    #: names of keys on the note that nobody asked about
    unknown: tuple[str, ...] = ()


def open_checkpoint(data: bytes, log: VerifierKey, witnesses: list[VerifierKey]) -> Checkpoint:
    """The checkpoint in a note that the log signed; a known key whose signature is wrong spoils the note."""
    text, signatures = _split(data)
    cosigned, unknown, signed = {}, [], 0
    for name, key_id, signature in signatures:
        known = next((key for key in [log, *witnesses] if (key.name, key.key_id) == (name, key_id)), None)
        if known is None:
            unknown.append(name)
        elif known is log:
            known.signed(text, signature)
            signed += 1
        else:
            cosigned[name] = known.signed(text, signature)
    if not signed:
        raise BadNote(f"the checkpoint is not signed by {log.name}")
    lines = text.split("\n")[:-1]
    if len(lines) < 3 or not all(lines):
        raise BadNote("a checkpoint has three lines at least, none of them empty")
    if not re.fullmatch("0|[1-9][0-9]*", lines[1]):
        raise BadNote(f"`{lines[1]}` is no tree size")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != 32:
        raise BadNote("the root hash has not 32 bytes")
    return Checkpoint(data.decode(), lines[0], int(lines[1]), root, cosigned, tuple(unknown))


def _split(data: bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    note = data.decode()
    if any(ord(char) < 0x20 and char != "\n" for char in note):
        raise BadNote("a note has no control characters")
    text, blank, below = note.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise BadNote("a note is a text, an empty line and signatures, and ends with a newline")
    return text + "\n", [_signature(line) for line in below[:-1].split("\n")]


def _signature(line: str) -> tuple[str, bytes, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\N{EM DASH}" or not _is_name(parts[1]):
        raise BadNote(f"`{line}` is no signature line")
    signature = base64.b64decode(parts[2], validate=True)
    if len(signature) < 5:
        raise BadNote(f"`{line}` holds no signature")
    return parts[1], signature[:4], signature[4:]


def _is_name(text: str) -> bool:
    return bool(text) and "+" not in text and not any(char.isspace() for char in text)
