"""The rules that the record itself can show to have been kept."""

from request import changed, digest, shown


def standing(request):
    return [step["approval"] for step in request["route"]["steps"] if step.get("approval")]


def countersigned(request):
    return [step["approval"] for step in request["route"].get("afterwards", []) if step.get("approval")]


def broken_afterwards(request, body):
    """What is wrong with a signature for something that an emergency skipped."""
    by, steps = body["approval"]["by"], request["route"].get("afterwards", [])
    if by in (request["requester"], request["actor"]):
        return f"{by} countersigned their own emergency"
    if request["state"]["state"] not in ("activated", "ended"):
        return f"{by} countersigned what nobody had used"
    if by in [it["by"] for it in countersigned(request)]:
        return f"{by} countersigned twice"
    if body["step"] >= len(steps) or steps[body["step"]].get("approval"):
        return f"{by} countersigned a step that nobody waits for"
    return None


def erased(request):
    return request["nonce"] == "erased"


def fully_approved(request):
    people, now = set(), digest(shown(request))
    steps = request["route"]["steps"]
    for step in steps:
        approval = step.get("approval")
        if not approval or approval["by"] in people:
            return False
        people.add(approval["by"])
        if not erased(request) and approval["scope_digest"] != now and not (approval.get("covers_narrower") and request["version"] > 1):
            return False
    return bool(steps) and request["state"]["state"] in ("approved", "activated", "ended")


def broken_rule(rows, told, approvals):
    for it in approvals:
        # Of what was erased nobody can say what was shown.
        if it["shown"]["nonce"] != "erased" and digest(it["shown"]) != it["scope_digest"]:
            return f"{it['by']} approved something else than the request said then"
    requests = {}
    for row in rows:
        body = row["body"]
        kind = body["type"]
        if kind == "request-filed":
            request = body["request"]
            if request["id"] in requests:
                return f"request {request['id']} was filed twice"
            is_undecided = request["state"]["state"] == "pending" and not standing(request) + countersigned(request)
            if not is_undecided or request.get("grant") or request["version"] != 1:
                return f"request {request['id']} was filed with something decided"
        if kind in ("request-approved", "offer-made"):
            request = requests[body["request"]]
            person = body["approval" if kind == "request-approved" else "offer"]["by"]
            if person in (request["requester"], request["actor"]):
                return f"{person} decided on their own request"
            if person in [it["by"] for it in standing(request)]:
                return f"{person} decided twice on one request"
        if kind == "request-countersigned":
            why = broken_afterwards(requests[body["request"]], body)
            if why:
                return why
        if kind in ("request-activated", "session-extended", "session-started"):
            name = body["session"]["request"] if kind == "session-started" else body["request"]
            if not fully_approved(requests[name]):
                return f"request {name} was not fully approved"
        if kind == "session-started" and not as_approved(body["session"], requests[body["session"]["request"]]):
            return "the session is not the one that was approved"
        if kind == "review-completed":
            person = body["completion"]["by"]
            steps = told["route"] + told.get("extension", {"route": []})["route"]
            part = {told["requester"], told["actor"]} | {it["approval"]["by"] for it in steps if "approval" in it}
            if person in part:
                return f"{person} reviewed a session that they had a part in"
        if kind == "hold-lifted" and body["by"] in [it["by"] for it in told["holds"] if it["id"] == body["hold"]]:
            return f"{body['by']} lifted their own hold"
        if row["stream"].startswith("request/") and kind not in ("refused", "evidence-read"):
            name = row["stream"].removeprefix("request/")
            requests[name] = changed(requests.get(name), body)
    return None


def as_approved(session, request):
    same = all(session[name] == request[name] for name in ("requester", "actor", "subject"))
    same = same and session["case"] == request["case"]["reference"] and session["grant"] == request["grant"]
    same = same and set(session["approvers"]) == {it["by"] for it in standing(request)}
    return same and all(
        set(it["operations"]) <= set(request["scope"].get(name, [])) and name in request["scope"]
        for name, it in session["applications"].items()
    )
