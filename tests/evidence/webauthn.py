"""One person's signature over a digest: a WebAuthn assertion (Level 3, §7.2), or a key file's."""

import json

import keys
import ledger


def fault(signature, authenticator, digest, last_count):
    """(None, sign count) if this is the authenticator's signature over the digest, else (why not, None)."""
    if signature["authenticator"] != authenticator["id"]:
        return "by another authenticator", None
    if keys.authenticator_id(authenticator["public_key"]) != authenticator["id"]:
        return "the id is not the key's own", None
    means = authenticator["means"]
    if signature["kind"] != means["kind"]:
        return "of another kind than the authenticator", None
    parts = {name: keys.from_base64url(signature[name]) for name in signature if name not in ("kind", "authenticator")}
    if None in parts.values():
        return "not base64url without padding", None
    if signature["kind"] == "key-file":
        key = authenticator["public_key"]
        message = b"locum-signature/v1\n" + digest
        is_good = key["kty"] == "OKP" and keys.verifies(key, message, parts["signature"])
        return (None, 0) if is_good else ("not the key file's over this digest", None)
    return assertion(parts, authenticator, digest, last_count)


def assertion(parts, authenticator, digest, last_count):
    data, client_data = parts["authenticator_data"], parts["client_data_json"]
    means = authenticator["means"]
    why = client_data_fault(client_data, keys.to_base64url(digest), means["origin"])
    if why:
        return why, None
    if len(data) < 37:
        return "the authenticator data ends early", None
    flags, count = data[32], int.from_bytes(data[33:37], "big")
    if flags & 0x40:
        return "the authenticator data has a credential", None
    rest = data[37:]
    if flags & 0x80:
        outputs, rest = item(rest)
        if not isinstance(outputs, dict) or not all(isinstance(name, str) for name in outputs):
            return "the extension data is no map of named outputs", None
    if rest:
        return "something stands behind the authenticator data", None
    if data[:32] != ledger.sha256(means["rp_id"].encode()):
        return "of another relying party id", None
    if not flags & 0x01 or not flags & 0x04:
        return "no user was present and verified", None
    if bool(flags & 0x08) != means["is_synced"] or (flags & 0x10 and not flags & 0x08):
        return "the backup flags are not those of the enrolment", None
    message = data + ledger.sha256(client_data)
    if not keys.verifies(authenticator["public_key"], message, parts["signature"]):
        return "not the enrolled key's over these bytes", None
    if (count or last_count) and count <= last_count:
        return "the counter stands still: the key may have been copied", None
    return None, count


def client_data_fault(data, challenge, origin):
    def refused(name):
        raise ValueError(f"{name} is not JSON")

    pairs = json.loads(data.decode(), object_pairs_hook=list, parse_constant=refused)
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return "the client data is no object"
    said = dict(pairs)
    if len(said) != len(pairs):
        return "a member of the client data stands twice"
    if said["type"] != "webauthn.get":
        return "the client data is of another type"
    if said["challenge"] != challenge:
        return "the client data answers another challenge"
    if said["origin"] != origin:
        return "the client data is of another origin"
    if said.get("crossOrigin", False) is not False or "topOrigin" in said:
        return "the ceremony ran inside a page of another origin"
    return None


def item(data):
    """The CBOR item (RFC 8949) at the front of data, and the rest."""
    first, rest = data[0], data[1:]
    major, short = first >> 5, first & 31
    if short < 24:
        number = short
    elif short < 28:
        length = 1 << (short - 24)
        number, rest = int.from_bytes(rest[:length], "big"), rest[length:]
    else:
        raise ValueError("an item of no given length")
    if major == 0:
        return number, rest
    if major == 1:
        return -1 - number, rest
    if major in (2, 3):
        body, rest = rest[:number], rest[number:]
        if len(body) != number:
            raise ValueError("an item ends early")
        return (body if major == 2 else body.decode()), rest
    if major == 4:
        items = []
        for _ in range(number):
            it, rest = item(rest)
            items.append(it)
        return tuple(items), rest
    if major == 5:
        members = {}
        for _ in range(number):
            name, rest = item(rest)
            it, rest = item(rest)
            if name in members:
                raise ValueError("a member stands twice")
            members[name] = it
        return members, rest
    if major == 6:
        return item(rest)
    return ("simple", number), rest
