"""Signed notes and their keys (C2SP signed-note), as much as a checkpoint needs."""

import base64
import hashlib
from pathlib import Path

from . import ed25519

ED25519 = b"\x01"


def verifier_key(origin: str, key_file: Path) -> str:
    """`name+id+key` of the public key that belongs to a PKCS#8 PEM file, worked out without Locum."""
    lines = [line for line in key_file.read_text().splitlines() if not line.startswith("---")]
    der = base64.b64decode("".join(lines))
    # RFC 8410: an OCTET STRING of 32 bytes inside the OCTET STRING of 34.
    start = der.index(b"\x04\x22\x04\x20") + 4
    public = ED25519 + ed25519.public_key(der[start : start + 32])
    key_id = hashlib.sha256(origin.encode() + b"\n" + public).digest()[:4]
    return f"{origin}+{key_id.hex()}+{base64.b64encode(public).decode()}"


def is_signed_by(note: str, key: str) -> bool:
    """Whether one of a note's signatures is this key's."""
    name, key_id, public = key.split("+", 2)
    text, signatures = note.split("\n\n", 1)
    for line in signatures.splitlines():
        dash, signer, encoded = line.split(" ")
        data = base64.b64decode(encoded)
        if dash == "—" and signer == name and data[:4].hex() == key_id:
            return ed25519.verifies(base64.b64decode(public)[1:], (text + "\n").encode(), data[4:])
    return False


def size(note: str) -> int:
    """How many entries a checkpoint covers."""
    return int(note.splitlines()[1])
