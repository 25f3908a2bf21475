"""The chain of an access event: its entries count themselves, each naming the leaf hash of the one before it."""

ITS_OWN = ("request/", "session/", "review/")


def counted(rows, entries, leaves, event):
    """How many entries are the event's own, and what is wrong with their chain as one sentence, or None."""
    count, newest = 0, None
    for row in rows:
        position = row["position"]
        entry = entries[position]
        if entry.get("event") != (event if row["stream"].startswith(ITS_OWN) else None):
            return count, f"entry {position} does not say that it is of this access event, and of no other"
        if "event" not in entry:
            continue
        if entry["nth"] > count + 1:
            return count, f"entry {count + 1} of the event is missing, which stands before entry {position} of the ledger"
        if entry["nth"] <= count or entry.get("previous") != newest:
            return count, f"entry {position} does not follow from the entry of the access event before it"
        count, newest = count + 1, leaves[0, position // 256][position % 256].hex()
    return count, None
