"""How the record went on after a restore: which epoch of the ledger signed the pack, and what was lost."""

import re

from rows import instant

MARK = re.compile(r"(.+)/epoch-([1-9][0-9]*)", re.DOTALL)


def epoch_of(origin):
    """The ledger's own origin, and the number of the epoch whose origin this is."""
    parts = MARK.fullmatch(origin)
    if parts and 1 < int(parts[2]) < 2**32:
        return parts[1], int(parts[2])
    return origin, 1


def restores(rows):
    return [row for row in rows if row["body"]["type"] == "restored"]


def fault(rows, origin):
    """Why the restores do not lead to the origin that signed the pack; nothing when they do."""
    base, _ = epoch_of(origin)
    current = base
    for row in restores(rows):
        position, restoration = row["position"], row["body"]["restoration"]
        was, size = restoration["checkpoint"].split("\n")[:2]
        if was != current or size != str(position):
            return f"entry {position} restores the record of another ledger, or of another moment"
        epoch = restoration.get("epoch")
        if epoch is None:
            continue
        number, lost = epoch["number"], epoch["lost"]
        follows = number > epoch_of(current)[1] and epoch["origin"] == f"{base}/epoch-{number}"
        lacks = lost and all(it["entries"] > position for it in lost)
        if not follows or not lacks or epoch["kept"] != position:
            return f"entry {position} begins an epoch that does not follow, or that lost nothing"
        current = epoch["origin"]
    if current != origin:
        return f"the checkpoint is of `{origin}`, and no entry in the pack says how that epoch of the ledger began"
    return None


def findings(filed, rows):
    """What was lost after the event was filed may have been of it."""
    found = []
    for row in restores(rows):
        restoration = row["body"]["restoration"]
        epoch = restoration.get("epoch")
        if epoch is None or row["position"] <= filed:
            continue
        lost = max([it["entries"] for it in epoch["lost"]] + [epoch["kept"]]) - epoch["kept"]
        lost = "1 entry that was signed before is" if lost == 1 else f"{lost} entries that were signed before are"
        because = f", because: {restoration['reason']}" if "reason" in restoration else ""
        text = (
            f"The record was restored from a back-up on {instant(restoration['at'])} and goes on as epoch"
            f" {epoch['number']}{because}. At least {lost} lost."
        )
        found.append({"code": "record-restored", "sentence": text, "position": row["position"]})
    return found
