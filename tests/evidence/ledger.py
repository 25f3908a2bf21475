"""Entries, tiles, proofs, checkpoint and signature: RFC 6962, RFC 8032, RFC 8785 and C2SP's formats."""

import base64
import hashlib
import json
import re


def sha256(data):
    return hashlib.sha256(data).digest()


def canonical(value):
    """RFC 8785 for values without fractions."""

    def ordered(it):
        if isinstance(it, dict):
            return {key: ordered(it[key]) for key in sorted(it, key=lambda key: key.encode("utf-16-be"))}
        if isinstance(it, list):
            return [ordered(item) for item in it]
        if isinstance(it, float) or (isinstance(it, int) and abs(it) >= 2**53):
            raise ValueError("a number that a pack does not have")
        return it

    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


# Names -------------------------------------------------------------------------------------------------------


def index(number):
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    return "/".join(groups)


def width(size, level, number):
    return max(0, min(256, (size >> (8 * level)) - 256 * number))


def needed(size, positions):
    """Names of the bundles and tiles a pack over these positions holds, with (level, number, width)."""
    here = {position // 256 for position in positions}
    places = {}
    for number in here:
        places["entries/" + index(number)] = (0, number, width(size, 0, number))
    for level in range(8):
        edge = size >> (8 * (level + 1))
        wanted = {edge} - here if level == 0 else here | {edge}
        for number in wanted:
            if width(size, level, number) > 0:
                places[f"proofs/tile/{level}/{index(number)}"] = (level, number, width(size, level, number))
        here = {number // 256 for number in here}
    return {name + (f".p/{place[2]}" if place[2] < 256 else ""): place for name, place in places.items()}


# The tree ----------------------------------------------------------------------------------------------------


def node(left, right):
    return sha256(b"\x01" + left + right)


def perfect(hashes):
    while len(hashes) > 1:
        hashes = [node(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def entries_of(bundle):
    entries, at = [], 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2], "big")
        entry = bundle[at + 2 : at + 2 + length]
        if len(entry) != length or at + 2 > len(bundle):
            raise ValueError("a bundle is cut")
        entries.append(entry)
        at += 2 + length
    return entries


ENTRY = re.compile(
    rb'\{"at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","commitment":"[0-9a-f]{64}",'
    rb'("event":"evt_[0-9a-f]{32}",)?"kind":"[a-z0-9]+(-[a-z0-9]+)*",'
    rb'("nth":[1-9]\d{0,15},)?("previous":"[0-9a-f]{64}",)?"v":1\}'
)


def is_placed(entry):
    """Whether what an entry says of its access event fits together."""
    nth = entry.get("nth")
    if nth is None or "event" not in entry:
        return not entry.keys() & {"event", "nth", "previous"}
    return nth < 2**53 and ("previous" in entry) == (nth > 1)


def tiles(size, files):
    hashes, entries = {}, {}
    for name, (level, number, count) in needed_places(size, files).items():
        if name.startswith("entries/"):
            bundle = entries_of(files[name])
            if len(bundle) != count or not all(ENTRY.fullmatch(entry) for entry in bundle):
                return None, None
            for place, entry in enumerate(bundle):
                entries[256 * number + place] = json.loads(entry)
                if not is_placed(entries[256 * number + place]):
                    return None, None
            hashes[level, number] = [sha256(b"\x00" + entry) for entry in bundle]
        else:
            if len(files[name]) != 32 * count:
                return None, None
            hashes[level, number] = [files[name][at : at + 32] for at in range(0, 32 * count, 32)]
    return hashes, entries


def needed_places(size, files):
    places = {}
    for name in files:
        path = name.removeprefix("proofs/tile/").removeprefix("entries/")
        level = 0
        if name.startswith("proofs/"):
            level, path = path.split("/", 1)
        number = int("".join(path.split(".p/")[0].replace("x", "").split("/")))
        places[name] = (int(level), number, width(size, int(level), number))
    return places


def leads_to(hashes, size, root):
    for (level, number), tile in hashes.items():
        if len(tile) == 256:
            parent = hashes.get((level + 1, number // 256), [])
            if len(parent) <= number % 256 or parent[number % 256] != perfect(tile):
                return False
    return subtree(hashes, 0, size) == root


def subtree(hashes, start, end):
    """The root over the leaves from start to end, of hashes in tiles (RFC 6962, 2.1)."""
    count = end - start
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        level, within = divmod(height, 8)
        first = start >> (8 * level)
        tile = hashes[level, first // 256]
        part = tile[first % 256 : first % 256 + (1 << within)]
        if len(part) != 1 << within:
            raise ValueError("a tile is cut")
        return perfect(part)
    split = 1 << ((count - 1).bit_length() - 1)
    return node(subtree(hashes, start, start + split), subtree(hashes, start + split, end))


def inclusion(hashes, position, start, end):
    if end - start == 1:
        return []
    split = start + (1 << ((end - start - 1).bit_length() - 1))
    if position < split:
        return inclusion(hashes, position, start, split) + [subtree(hashes, split, end)]
    return inclusion(hashes, position, split, end) + [subtree(hashes, start, split)]


def consistency_hashes(hashes, old, start, end, is_whole):
    """RFC 6962, 2.1.2: SUBPROOF."""
    if old == end:
        return [] if is_whole else [subtree(hashes, start, end)]
    split = start + (1 << ((end - start - 1).bit_length() - 1))
    if old <= split:
        return consistency_hashes(hashes, old, start, split, is_whole) + [subtree(hashes, split, end)]
    return consistency_hashes(hashes, old, split, end, False) + [subtree(hashes, start, split)]


def lines(hashes):
    return "".join(base64.b64encode(it).decode() + "\n" for it in hashes)


def tlog_proof(hashes, size, position, note):
    path = lines(inclusion(hashes, position, 0, size))
    return f"c2sp.org/tlog-proof@v1\nindex {position}\n{path}\n{note}".encode()


def consistency(hashes, old, size):
    return lines(consistency_hashes(hashes, old, 0, size, True)).encode()


# The checkpoint ----------------------------------------------------------------------------------------------


def checkpoint(note, vkey):
    """Size and root of a checkpoint signed by this key, or (None, None)."""
    name, key_hash, key = vkey.split("+", 2)
    raw = base64.b64decode(key, validate=True)
    key_id = sha256(name.encode() + b"\n" + raw)[:4]
    if raw[:1] != b"\x01" or len(raw) != 33 or key_id.hex() != key_hash:
        return None, None
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    found = []
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ")
        signature = base64.b64decode(signature, validate=True)
        if dash == "\u2014" and signer == name and signature[:4] == key_id:
            found.append(signature[4:])
    if len(found) != 1 or not ed25519(raw[1:], text.encode(), found[0]):
        return None, None
    origin, size, root = text.split("\n")[:3]
    if origin != name or str(int(size)) != size:
        return None, None
    return int(size), base64.b64decode(root, validate=True)


def cosigners(note, name):
    """Who beside the ledger signed a checkpoint, as its lines say."""
    signers = [line.split(" ")[1] for line in note.rpartition("\n\n")[2].splitlines()]
    return [signer for signer in signers if signer != name]


# Ed25519 (RFC 8032, 5.1), strictly ---------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(one, two):
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def same(one, two):
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    found = (x, y, 1, x * y % P)
    return None if same(times(8, found), (0, 1, 1, 0)) else found


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519(public, message, signature):
    if len(signature) != 64:
        return False
    key, commitment = point(public), point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same(times(scalar, BASE), add(commitment, times(challenge, key)))
