"""Public keys as JSON Web Keys: their thumbprints (RFC 7638), and the three algorithms they verify.

Ed25519 is in ledger.py. ECDSA over P-256 (FIPS 186-5, 6.4.2) and RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2) are written out
here, slow and only for public values.
"""

import base64
import hashlib
import re

import ledger

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def from_base64url(text):
    """The bytes of the one spelling without padding or stray bits; None for any other."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        return None
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if to_base64url(data) == text else None


def to_base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


MEMBERS = {"OKP": {"crv", "x"}, "EC": {"crv", "x", "y"}, "RSA": {"n", "e"}}


def thumbprint(key):
    return to_base64url(ledger.sha256(ledger.canonical(key)))


def authenticator_id(key):
    return "aut_" + ledger.sha256(ledger.canonical(key))[:16].hex()


def is_accepted(key):
    """Whether signatures can be checked with it at all."""
    if set(key) != {"kty"} | MEMBERS.get(key["kty"], set()):
        return False
    parts = {name: from_base64url(key[name]) for name in key if name not in ("kty", "crv")}
    if None in parts.values():
        return False
    if key["kty"] == "OKP":
        return key["crv"] == "Ed25519" and len(parts["x"]) == 32 and ledger.point(parts["x"]) is not None
    if key["kty"] == "EC":
        return key["crv"] == "P-256" and len(parts["x"]) == len(parts["y"]) == 32
    n, e = parts["n"], parts["e"]
    is_minimal = n[:1] not in (b"", b"\0") and e[:1] not in (b"", b"\0")
    return is_minimal and 256 <= len(n) <= 512 and len(e) <= 4 and e[-1] % 2 == 1 and e != b"\1"


def verifies(key, message, signature):
    if not is_accepted(key):
        return False
    parts = {name: from_base64url(key[name]) for name in key if name not in ("kty", "crv")}
    if key["kty"] == "OKP":
        return ledger.ed25519(parts["x"], message, signature)
    if key["kty"] == "EC":
        return ecdsa(parts["x"], parts["y"], message, signature)
    return rsa(parts["n"], parts["e"], message, signature)


def rsa(n, e, message, signature):
    length = len(n)
    n, e = int.from_bytes(n, "big"), int.from_bytes(e, "big")
    number = int.from_bytes(signature, "big")
    if len(signature) != length or number >= n:
        return False
    info = SHA256_PREFIX + hashlib.sha256(message).digest()
    padded = b"\0\1" + b"\xff" * (length - len(info) - 3) + b"\0" + info
    return pow(number, e, n).to_bytes(length, "big") == padded


def der_integers(data):
    """r and s of SEQUENCE { INTEGER, INTEGER } in its one encoding; None for anything else."""
    if len(data) < 2 or data[0] != 0x30 or data[1] != len(data) - 2 or data[1] > 127:
        return None
    numbers, at = [], 2
    while at < len(data):
        length = data[at + 1] if at + 1 < len(data) else 0
        body = data[at + 2 : at + 2 + length]
        is_minimal = length > 0 and body[0] < 128 and not (length > 1 and body[0] == 0 and body[1] < 128)
        if data[at] != 2 or len(body) != length or not is_minimal:
            return None
        numbers.append(int.from_bytes(body, "big"))
        at += 2 + length
    return numbers if len(numbers) == 2 else None


def ecdsa(x, y, message, signature):
    x, y = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    if x >= P or y >= P or (y * y - (x * x * x - 3 * x + B)) % P:
        return False
    numbers = der_integers(signature)
    if numbers is None or not all(0 < number < N for number in numbers):
        return False
    r, s = numbers
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    inverse = pow(s, -1, N)
    found = plus(times(digest * inverse % N, G), times(r * inverse % N, (x, y)))
    return found is not None and found[0] % N == r


def plus(one, two):
    """The sum of two points, None being the point at infinity."""
    if one is None or two is None:
        return two if one is None else one
    if one[0] == two[0]:
        if (one[1] + two[1]) % P == 0:
            return None
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, P) % P
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(scalar, point):
    total = None
    while scalar:
        if scalar & 1:
            total = plus(total, point)
        point = plus(point, point)
        scalar >>= 1
    return total
