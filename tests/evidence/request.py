"""How a request changes by its events, and what an approval of it covers."""

import copy

import ledger
from rows import keep


def changed(request, body):
    """The request after an event of its stream."""
    kind, state = body["type"], None
    if kind == "request-filed":
        return copy.deepcopy(body["request"])
    request = copy.deepcopy(request)
    if kind == "request-approved":
        request["route"]["steps"][body["step"]]["approval"] = body["approval"]
    elif kind == "request-countersigned":
        for step in request["route"].get("afterwards", [])[body["step"] :][:1]:
            step["approval"] = body["approval"]
    elif kind == "request-told":
        take_told(request, body)
    elif kind == "offer-made" and request["state"]["state"] in ("pending", "offered"):
        request["state"] = {"state": "offered", "offer": body["offer"]}
    elif kind == "offer-accepted" and request["state"]["state"] == "offered":
        narrow(request, request["state"]["offer"])
        request["state"] = {"state": "pending"}
    elif kind.startswith("request-"):
        state = kind.removeprefix("request-")
        if state in ("denied", "withdrawn", "lapsed", "activated", "ended"):
            request["state"] = {"state": state}
    if body.get("granted"):
        request["grant"] = body["granted"]["grant"]
        request["state"] = {"state": "approved"}
    return request


def take_told(request, body):
    """Whom Locum told: security of the emergency, and those it skipped, of whom the first telling says until when."""
    if body["told"] == "emergency":
        request["security_told"] = body["to"]
    elif "owed" not in request and "due" in body:
        request["owed"] = {"due": body["due"]}


def narrow(request, offer):
    request["version"] += 1
    request["scope"], request["duration"] = offer["scope"], offer["duration"]
    counts = is_approval(request, offer)
    for at, step in enumerate(request["route"]["steps"]):
        if at == offer["step"] and counts:
            step["approval"] = {**keep(offer, "by", "at", "scope_digest", "rules", "note"), "covers_narrower": False}
        elif not step.get("approval", {}).get("covers_narrower"):
            step.pop("approval", None)
    for steps in ("steps", "afterwards"):
        request["route"][steps] = [
            it
            for it in request["route"].get(steps, [])
            if it.get("application") is None or it["application"] in request["scope"]
        ]
    request["subjects"] = {name: it for name, it in request["subjects"].items() if name in request["scope"]}


def is_approval(request, offer):
    """Whether the offer, once taken, is its maker's approval: it has no signature and no texts on a crossing."""
    step = request["route"]["steps"][offer["step"]]
    return not request["route"]["signature_demanded"] and step["authority"] != "manager-or-security-control-owner"


def shown(request, **other):
    return {
        "actor": request["actor"],
        "break_glass": request["break_glass"],
        "case": request["case"]["reference"],
        "duration_minutes": request["duration"],
        "nonce": request["nonce"],
        "reason": request["reason"],
        "request": request["id"],
        "requester": request["requester"],
        "scope": request["scope"],
        "subject": request["subject"],
        "version": request["version"],
        **other,
    }


def digest(it):
    return ledger.sha256(b"locum-scope/v1\n" + ledger.canonical(it)).hex()
