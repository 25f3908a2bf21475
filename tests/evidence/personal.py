"""Personal values: apart from the body they belong in, and gone after an erasure."""

import copy

import ledger

ERASED = "erased"

PLACES = {
    "request-filed": "/request/subject /request/reason /request/nonce /request/case/subject /request/case/title "
    "/request/case/opened_by /request/case/subject_set_by /request/subjects/*/id /request/subjects/*/attributes/* "
    "/request/warnings/*",
    "request-approved": "/approval/note /approval/unavoidable_because /approval/compensating_controls/*",
    "request-countersigned": "/approval/note /approval/unavoidable_because /approval/compensating_controls/*",
    "facts-read": "/facts/case/subject /facts/case/title /facts/case/opened_by /facts/case/subject_set_by",
    "request-denied": "/reason",
    "question-asked": "/question/text /question/answer",
    "question-answered": "/answer",
    "offer-made": "/offer/note",
    "request-lapsed": "/because/detail /because/read/*/is",
    "session-started": "/session/subject /session/applications/*/subject",
    "access-admitted": "/subject /path /object",
    "access-refused": "/subject /path /asked",
    "review-completed": "/completion/note",
    "refused": "/refusal/detail /refusal/read/*/is",
}
# What nobody can have said: of what is erased less is checked.
FEIGNED = ("/request/subject", "/request/nonce", "/session/subject", "/completion/note")


def places(stream, kind):
    """Where in an event of this stream personal values stand."""
    about = stream.split("/", 1)[0]
    if about == "hold":
        return ["/hold/scope/subject"] if kind == "hold-placed" else []
    return PLACES.get(kind, "").split() if about in ("request", "session", "review") else []


def found(value, steps, path=""):
    """The texts at a place, by their pointers."""
    if not steps:
        return {path: value} if isinstance(value, str) else {}
    step, rest = steps[0], steps[1:]
    members = {}
    if isinstance(value, dict):
        members = value if step == "*" else {step: value[step]} if step in value else {}
    elif isinstance(value, list) and step == "*":
        members = {str(index): item for index, item in enumerate(value)}
    texts = {}
    for name, inner in members.items():
        texts |= found(inner, rest, f"{path}/{name.replace('~', '~0').replace('/', '~1')}")
    return texts


def of(stream, body):
    """The texts at the personal places of an event."""
    texts = {}
    for place in places(stream, body["type"]):
        texts |= found(body, place.split("/")[1:])
    return texts


def digest(personal):
    return ledger.sha256(
        b"locum-personal/v1\n" + bytes.fromhex(personal["salt"]) + ledger.canonical(personal["values"])
    )


def opening(row):
    """What a row commits to, and whether its personal values are kept apart as they must be."""
    body, salt = ledger.canonical(row["body"]), bytes.fromhex(row["salt"])
    texts = of(row["stream"], row["body"])
    if "personal" not in row and "erased" not in row:
        return ledger.sha256(b"locum-payload/v1\n" + salt + body), not texts
    if "personal" in row and "erased" in row:
        return b"", False
    is_apart = bool(texts) and all(text == ERASED for text in texts.values())
    if "personal" in row:
        values = row["personal"]["values"]
        is_apart = is_apart and set(texts) == set(values) and set(row["personal"]) == {"salt", "values"}
        is_apart = is_apart and not any(values.get(place) == ERASED for place in FEIGNED)
        half = digest(row["personal"])
    else:
        half = bytes.fromhex(row["erased"])
    return ledger.sha256(b"locum-payload/v2\n" + salt + half + body), is_apart


def whole(row):
    """The event with its personal values in their places."""
    body = copy.deepcopy(row["body"])
    for place, text in row.get("personal", {"values": {}})["values"].items():
        *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in place.split("/")[1:]]
        at = body
        for step in steps:
            at = at[int(step)] if isinstance(at, list) else at[step]
        at[int(last) if isinstance(at, list) else last] = text
    return body


def withheld(rows):
    """Values that are missing without an erasure after them."""
    missing = [row["position"] for row in rows if "erased" in row]
    told = [row["position"] for row in rows if row["body"]["type"] == "personal-erased"]
    if missing and not any(position > missing[-1] for position in told):
        return "personal values are missing, and no erasure after them is on the record"
    return None
