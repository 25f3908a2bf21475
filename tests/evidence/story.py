"""The story: what the disclosed payloads say, in the document's order and words."""

from access import applications
from afterwards import after
from belonging import belonging
from deciding import approved, countersigned, request_told
from findings import findings
from request import changed, is_approval, shown
from rows import line
from timeline import sentence, timeline


def tell(rows):
    filing, session, extensions = belonging(rows)
    main = filing["body"]["request"]["id"]
    requests, places, offered, approvals, sentences = {}, {}, {}, [], []
    filed = {}
    for row in rows:
        body = row["body"]
        kind = body["type"]
        if row["stream"].startswith("request/") and kind not in ("refused", "evidence-read"):
            name = row["stream"].removeprefix("request/")
            before = requests.get(name)
            filed.setdefault(name, line(row))
            if kind == "request-approved":
                approval = body["approval"]
                places[name, approval["by"]] = line(row)
                approvals.append(approved(approval, row, before, shown(before)))
            elif kind == "request-countersigned":
                approvals.append(countersigned(body["approval"], row, before))
            elif kind == "offer-made":
                offer = body["offer"]
                places[name, offer["by"]] = line(row)
                what = shown(
                    before, version=before["version"] + 1, scope=offer["scope"], duration_minutes=offer["duration"]
                )
                offered[name] = approved(offer, row, before, what)
            elif kind == "offer-accepted" and name in offered:
                taken = offered.pop(name)
                if is_approval(before, before["state"]["offer"]):
                    approvals.append(taken)
            sentences.append((row, sentence(body, before, filing["body"]["request"])))
            requests[name] = changed(before, body)
        else:
            sentences.append((row, sentence(body, None, filing["body"]["request"])))
    approvals.sort(key=lambda it: it["position"])
    told = request_told(requests[main], filing, session, rows, places)
    applications(told, session, rows)
    after(told, rows, requests, extensions, filed, places)
    told = in_order(told)
    told["timeline"] = timeline(told, sentences)
    told["findings"] = findings(told, rows, approvals, requests[main])
    return told, approvals


ORDER = """findings id request session state filed requester actor actor_profile subject tenant subjects case reason scope
duration_minutes break_glass version scope_digest warnings route questions offers escalated denied withdrawn lapsed grant
activation witnessed end_by applications refused_elsewhere requests extension ended_because ended_by ended review refusals
case_changes holds reads timeline""".split()


def in_order(told):
    told |= {"findings": [], "timeline": []}
    return {name: told[name] for name in ORDER if name in told}
