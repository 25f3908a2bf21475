"""What belongs to an access event: the filing, its session, its extensions, and nothing else."""

import again


class Stray(Exception):
    """A payload that does not belong, as one sentence."""


NAMED_BY = {
    "request-filed": ("request", "request", "id"),
    "session-started": ("session", "session", "id"),
    "review-opened": ("review", "review", "id"),
    "review-completed": ("review", "review", None),
    "case-changed": ("case", "change", "case"),
    "hold-placed": ("hold", "hold", "id"),
    "hold-lifted": ("hold", "hold", None),
    "application-ended": ("session", "session", None),
    "facts-read": ("request", "request", None),
}


LINKS = ("founding-begun", "founder-enrolled", "founding-signed")
LINKS += ("enrolment-invited", "enrolment-asked", "enrolment-approved", "enrolment-denied", "authenticator-revoked")


def stream_of(body):
    kind = body["type"]
    if kind in LINKS[:3]:
        return "founding/all"
    if kind == "rules-in-force":
        return "rules/all"
    if kind == "restored":
        return "restores/all"
    if kind == "enrolment-asked":
        return f"enrolment/{body['enrolment']['authenticator']['person']}"
    if kind in LINKS:
        return f"enrolment/{body['person']}"
    if kind in NAMED_BY:
        what, member, inner = NAMED_BY[kind]
        return f"{what}/{body[member][inner] if inner else body[member]}"
    if kind.startswith(("request-", "question-", "offer-", "personal-")) and kind != "request-previewed":
        return f"request/{body['request']}"
    if kind.startswith(("session-", "access-")):
        return f"session/{body['session']}"
    return None


def reaches(scope, request):
    if scope == "all":
        return True
    ((what, which),) = scope.items()
    if what == "application":
        return which in request["scope"]
    if what == "case":
        return which == request["case"]["reference"]
    return request.get(what) == which


def signers(rows):
    """Who signed an approval, a countersignature or a finding, who signed those people's enrolments, and so on."""
    bodies = [row["body"] for row in rows]
    given = ("request-approved", "request-countersigned")
    approvals = [body["approval"] for body in bodies if body["type"] in given]
    approvals += [body["completion"] for body in bodies if body["type"] == "review-completed"]
    people = {it["by"] for it in approvals if it.get("signature") is not None}
    enrolments = [(body["person"], body["by"]) for body in bodies if body["type"] == "enrolment-approved"]
    while True:
        more = {by for person, by in enrolments if person in people} - people
        if not more:
            return people
        people |= more


def belonging(rows):
    """The filing, the session's id and the ids of extensions; raises when a row is about something else."""
    filing = next(
        (row for row in rows if row["body"]["type"] == "request-filed" and not row["body"]["request"].get("extends")),
        None,
    )
    if filing is None:
        raise Stray("no request is filed")
    request = filing["body"]["request"]
    session, extensions = None, []
    streams = {f"request/{request['id']}", f"case/{request['case']['reference']}"}
    for row in rows:
        body = row["body"]
        if body["type"] == "session-started" and session is None:
            started = body["session"]
            if started["request"] == request["id"] and started["event"] == request["event"]:
                session = started["id"]
                streams.add(f"session/{session}")
    for row in rows:
        body = row["body"]
        if body["type"] == "request-filed" and session and body["request"].get("extends") == session:
            extensions.append(body["request"]["id"])
            streams.add(f"request/{body['request']['id']}")
        if (
            body["type"] == "review-opened"
            and body["review"]["event"] == request["event"]
            and body["review"]["session"] == session
        ):
            streams.add(f"review/{body['review']['id']}")
        if body["type"] == "hold-placed" and reaches(body["hold"]["scope"], request):
            streams.add(f"hold/{body['hold']['id']}")
    people = signers(rows)
    streams |= {f"enrolment/{person}" for person in people} | ({"founding/all"} if people else set())
    streams.add("restores/all")
    rules_named = again.named(rows)
    for row in rows:
        named = stream_of(row["body"])
        if named == "rules/all" and again.digest(row["body"]["rules"]) in rules_named:
            streams.add(named)
        elif named == "rules/all":
            raise Stray(f"entry {row['position']} does not belong to the access event")
        is_chain = row["stream"].startswith(("founding/", "enrolment/", "rules/", "restores/"))
        anywhere = row["body"]["type"] in ("refused", "evidence-read") and not is_chain
        if row["stream"] not in streams or not (anywhere or named == row["stream"]):
            raise Stray(f"entry {row['position']} does not belong to the access event")
        may_precede = is_chain or row["stream"].startswith(("case/", "hold/"))
        if row["position"] < filing["position"] and not may_precede:
            raise Stray(f"entry {row['position']} stands before the filing")
    return filing, session, extensions
