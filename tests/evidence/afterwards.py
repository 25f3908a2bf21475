"""What else happened: extension, review, refusals, changes of the case, holds and looks."""

import chain
from deciding import route
from request import digest, shown
from rows import by, keep, line


def after(told, rows, requests, extensions, filed, places):
    told |= {"refusals": [], "case_changes": [], "holds": [], "reads": []}
    if extensions:
        request = requests[extensions[-1]]
        told["extension"] = {
            "request": request["id"],
            "state": request["state"]["state"],
            "filed": filed[request["id"]],
            "reason": request["reason"],
            "duration_minutes": request["duration"],
            "scope_digest": digest(shown(request)),
            "route": route(request, places, chain.all_known(rows)),
        }
    for row in rows:
        body = row["body"]
        kind = body["type"]
        if kind == "session-extended":
            told["end_by"] = body["end_by"]
            if told.get("extension", {}).get("request") == body["request"]:
                told["extension"] |= {"extended": line(row), "end_by": body["end_by"]}
        elif kind == "review-opened":
            review = body["review"]
            is_security = review.get("is_security", False)
            told["review"] = {**keep(review, "id", "reviewer"), "is_security": is_security, "due": review["due"]}
            told["review"]["opened"] = line(row)
        elif kind == "review-completed" and told.get("review", {}).get("id") == body["review"]:
            done = body["completion"]
            told["review"]["completed"] = found(done, row, chain.all_known(rows))
        elif kind == "refused":
            refusal = body["refusal"]
            told["refusals"].append(
                {
                    **by(body["by"], row),
                    "act": body["act"],
                    "code": refusal["denial"],
                    **keep(refusal, "detail", "rule"),
                }
            )
        elif kind == "case-changed":
            told["case_changes"].append({**line(row), **keep(body["change"], "is_open", "state", "source")})
        elif kind == "hold-placed":
            told["holds"].append({"id": body["hold"]["id"], **by(body["hold"]["by"], row)})
        elif kind == "hold-lifted":
            for hold in told["holds"]:
                if hold["id"] == body["hold"]:
                    hold["lifted"] = by(body["by"], row)
        elif kind == "evidence-read":
            told["reads"].append({**by(body["by"], row), "what": body["what"]})


SHOWN = "activation admitted completed refused ended_because ended_at last leaf".split()


def found(done, row, known):
    """A finding, what its maker was shown, and with which key they signed it."""
    signature = done.get("signature")
    told = {"finding": done["finding"], **by(done["by"], row, done["note"])}
    told |= {"shown": {name: done["shown"][name] for name in SHOWN}, "is_signed": signature is not None}
    key = known.get((signature or {}).get("authenticator"))
    return told | ({"signed_by": chain.told(key)} if key else {})
