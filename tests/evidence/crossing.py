"""What a session across applications must have beside a single one, and the checkpoints that witnesses had signed."""

import epochs
import ledger

KEPT_OUT = ("refused", "evidence-read")


def witnessed_entries(note):
    """How many entries a checkpoint says it is over; nothing when it says no number."""
    lines = note.split("\n")
    return int(lines[1]) if len(lines) > 1 and lines[1].isdigit() else None


def of_epoch(vkey, number):
    """The same key under the origin of another epoch."""
    name, _, key = vkey.split("+", 2)
    base, _ = epochs.epoch_of(name)
    name = base if number == 1 else f"{base}/epoch-{number}"
    raw = ledger.base64.b64decode(key, validate=True)
    return f"{name}+{ledger.sha256(name.encode() + bytes([10]) + raw)[:4].hex()}+{key}"


def proofs(rows, vkey, size, root, files):
    """The consistency proofs from each witnessed checkpoint by name, and what is wrong with one, or None."""
    found = {}
    for row in rows:
        if row["body"]["type"] != "session-witnessed":
            continue
        position, note = row["position"], row["body"]["checkpoint"]
        key = of_epoch(vkey, epochs.epoch_of(note.split("\n", 1)[0])[1])
        entries, then = ledger.checkpoint(note, key)
        if entries is None:
            return found, f"the checkpoint that entry {position} carries is not signed by the ledger's key"
        if entries > position:
            return found, f"the checkpoint that entry {position} carries is over entries that were not there yet"
        name = f"proofs/witnessed-{entries}.consistency"
        if name not in files:
            return found, f"`{name}` is missing"
        proof = [ledger.base64.b64decode(it, validate=True) for it in files[name].decode().split("\n")[:-1]]
        if ledger.lines(proof).encode() != files[name] or not is_consistent(entries, then, size, root, proof):
            return found, f"the checkpoint that entry {position} carries is of another history than this pack's"
        found[name] = files[name]
    return found, None


def is_consistent(old, then, size, root, proof):
    """RFC 9162, 2.1.4.2: both roots follow from the proof, and every hash of it is used."""
    if old == 0 or old > size or any(len(it) != 32 for it in proof):
        return False
    if old == size:
        return not proof and then == root
    path = ([then] if old & (old - 1) == 0 else []) + proof
    if not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    one = two = path[0]
    for it in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            one, two = ledger.node(it, one), ledger.node(it, two)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            two = ledger.node(two, it)
        at, last = at >> 1, last >> 1
    return one == then and two == root and last == 0


# What a reviewer was shown ------------------------------------------------------------------------------------


def looks(rows, leaves):
    """How the session stood behind each of its entries from its end on, by position."""
    shown, stood = {"admitted": 0, "completed": 0, "refused": 0}, {}
    for row in rows:
        body = row["body"]
        if not row["stream"].startswith("session/") or body["type"] in KEPT_OUT:
            continue
        if body["type"] == "session-started":
            shown["activation"] = row["position"]
        elif body["type"] == "session-ended":
            shown |= {"ended_because": body["because"], "ended_at": body["at"]}
        elif body["type"] in ("access-admitted", "access-completed", "access-refused"):
            shown[body["type"].removeprefix("access-")] += 1
        if "activation" in shown and "ended_at" in shown:
            leaf = leaves[0, row["position"] // 256][row["position"] % 256].hex()
            stood[row["position"]] = {**shown, "last": row["position"], "leaf": leaf}
    return stood


# Findings -----------------------------------------------------------------------------------------------------


def of_work(told, rows):
    found = []
    if len(told["applications"]) < 2:
        return found
    position = told["activation"]["position"]
    for it in told["applications"]:
        if it["record"] != "before":
            text = f"Requests at {it['application']} went on before the record of them was durable."
            found.append({"code": "record-not-before", "sentence": text, "position": position})
    admitted = [row["position"] for row in rows if row["body"]["type"] == "access-admitted"]
    if admitted and ("witnessed" not in told or told["witnessed"]["position"] > min(admitted)):
        text = "The session crosses applications, and no checkpoint that witnesses signed stands on the record between "
        text += "its beginning and its first request."
        found.append({"code": "beginning-unwitnessed", "sentence": text, "position": position})
    return found


def of_finding(told, rows):
    """What the reviewer did not see, and whether they signed."""
    done = told.get("review", {}).get("completed")
    if done is None:
        return []
    found, has_ended, unseen = [], False, []
    for row in rows:
        kind = row["body"]["type"]
        if row["stream"].startswith("session/") and kind not in KEPT_OUT:
            has_ended = has_ended or kind == "session-ended"
            if has_ended and row["position"] > done["shown"]["last"]:
                unseen.append(row["position"])
    if unseen:
        many = "1 record of the session stands"
        many = many if len(unseen) == 1 else f"{len(unseen)} records of the session stand"
        text = f"{many} behind what {done['by']} was shown."
        found.append({"code": "review-saw-less", "sentence": text, "position": unseen[0]})
    if not done["is_signed"]:
        text = f"{done['by']} found so without their own signature: only the ledger's key says that they did."
        found.append({"code": "finding-unsigned", "sentence": text, "position": done["position"]})
    return found


def of_reviewer(told):
    review = told.get("review")
    if review is None or len(told["applications"]) < 2 or review["is_security"]:
        return []
    text = "The session crosses applications, and its review is not owed by anybody who looks after security."
    return [{"code": "reviewer-not-security", "sentence": text, "position": review["opened"]["position"]}]


def of_checkpoints(told):
    """This verifier knows no witnesses."""
    found = []
    if len(told["applications"]) < 2:
        return found
    if "witnessed" in told:
        text = "The session crosses applications, and no witness's signature on the checkpoint over its beginning was checked."
        found.append({"code": "beginning-unchecked", "sentence": text, "position": told["witnessed"]["position"]})
    text = "The session crosses applications, and no witness's signature on the checkpoint was checked."
    return found + [{"code": "checkpoint-unwitnessed", "sentence": text}]
