"""What was asked and who decided: a request with its route, questions and offers."""

import chain
from request import digest, shown
from rows import by, keep, line


def countersigned(it, row, request):
    """A signature for what an emergency skipped, as the pack has it."""
    what = shown(request)
    told = {"afterwards": True, "by": it["by"], "position": row["position"], "request": request["id"]}
    told |= {"scope_digest": it["scope_digest"], "shown": what}
    if it.get("signature") is not None:
        told["signature"] = it["signature"]
    for step in request["route"].get("afterwards", [])[row["body"]["step"] :][:1] if "signature" in told else []:
        told["statement"] = {
            "by": it["by"],
            **keep(step, "authority", "application"),
            "shown": what,
            **keep(it, "note"),
        }
    return told


def approved(it, row, request, what):
    told = {
        "by": it["by"],
        "position": row["position"],
        "request": request["id"],
        "scope_digest": it["scope_digest"],
        "shown": what,
    }
    if it.get("signature") is not None:
        told["signature"] = it["signature"]
        step = request["route"]["steps"][row["body"]["step"]]
        told["statement"] = {
            "by": it["by"],
            **keep(step, "authority", "application"),
            "shown": what,
            **keep(it, "note", "unavoidable_because"),
            "compensating_controls": it.get("compensating_controls", []),
            "covers_narrower": it.get("covers_narrower", False),
        }
    return told


def route(request, places, known):
    steps = []
    for step in request["route"]["steps"]:
        told = keep(step, "authority", "application", "rule", "approvers")
        approval = step.get("approval")
        if approval:
            told["approval"] = {
                "by": approval["by"],
                **places[request["id"], approval["by"]],
                **keep(approval, "scope_digest", "rules", "note", "unavoidable_because"),
                "compensating_controls": approval.get("compensating_controls", []),
                "covers_narrower": approval.get("covers_narrower", False),
                "is_signed": approval.get("signature") is not None,
            }
            key = known.get((approval.get("signature") or {}).get("authenticator"))
            if key:
                told["approval"]["signed_by"] = chain.told(key)
        steps.append(told)
    return steps


CASE = "reference is_open state assignee subject tenant title priority queue opened_by subject_set_by opened_at looked_up_at"


def request_told(request, filing, session, rows, places):
    told = {"id": request["event"], "request": request["id"], "state": request["state"]["state"], "filed": line(filing)}
    if session:
        told["session"] = session
    told |= keep(request, "requester", "actor", "subject", "tenant", "reason", "break_glass", "version", "grant")
    told["subjects"] = {
        name: {
            **keep(it, "id", "tenant"),
            **({"attributes": dict(sorted(it["attributes"].items()))} if it.get("attributes") else {}),
        }
        for name, it in sorted(request["subjects"].items())
    }
    told["case"] = {name: request["case"].get(name) for name in CASE.split()}
    told["scope"] = {name: sorted(it) for name, it in sorted(request["scope"].items())}
    told["duration_minutes"] = request["duration"]
    told["scope_digest"] = digest(shown(request))
    told["warnings"] = request.get("warnings", [])
    told["route"] = route(request, places, chain.all_known(rows))
    told |= {"questions": [], "offers": []}
    for row in rows:
        body = row["body"]
        kind = body["type"]
        if row["stream"] != f"request/{request['id']}":
            continue
        if kind == "question-asked":
            told["questions"].append(by(body["question"]["by"], row, body["question"]["text"]))
        elif kind == "question-answered":
            for question in reversed(told["questions"]):
                if "answer" not in question:
                    question["answer"] = by(body["by"], row, body["answer"])
                    break
        elif kind == "offer-made":
            offer = body["offer"]
            scope = {name: sorted(it) for name, it in sorted(offer["scope"].items())}
            more = {"scope": scope, "duration_minutes": offer["duration"], "scope_digest": offer["scope_digest"]}
            told["offers"].append({**by(offer["by"], row, offer["note"]), **more})
        elif kind == "offer-accepted" and told["offers"]:
            told["offers"][-1]["accepted"] = by(body["by"], row)
        elif kind == "request-escalated":
            told["escalated"] = {"to": body["to"], **line(row)}
        elif kind == "request-denied":
            told["denied"] = by(body["by"], row, body["reason"])
        elif kind == "request-withdrawn":
            told["withdrawn"] = by(body["by"], row)
        elif kind == "request-lapsed":
            told["lapsed"] = line(row)
    return told
