"""The time line: one plain sentence for each thing that happened, in ledger order."""

import crossing
from rows import instant, line


def sentence(body, request, main):
    """Who, and what they did; None for what the timeline tells in rows."""
    kind = body["type"]
    who = body.get("by")
    granted = " The request is fully approved." if body.get("granted") else ""
    if kind == "request-filed":
        it = body["request"]
        who = it["requester"]
        if it.get("extends"):
            return who, f"{who} asked to lengthen the session by {it['duration']} minutes: {it['reason']}"
        asked = f"{who} asked to act as" if who == it["actor"] else f"{who} asked that {it['actor']} act as"
        emergency = "As an emergency, " if it["break_glass"] else ""
        names = ", ".join(sorted(it["scope"]))
        rest = f"{it['duration']} minutes, for case {it['case']['reference']}: {it['reason']}"
        return who, f"{emergency}{asked} {it['subject']} in {names} for {rest}"
    if kind == "request-approved":
        it = body["approval"]
        authority = request["route"]["steps"][body["step"]]["authority"]
        return it["by"], f"{it['by']} approved as {authority} under {', '.join(it['rules'])}.{granted}"
    if kind == "request-denied":
        return who, f"{who} denied the request: {body['reason']}"
    if kind == "question-asked":
        it = body["question"]
        return it["by"], f"{it['by']} asked: {it['text']}"
    if kind == "question-answered":
        return who, f"{who} answered: {body['answer']}"
    if kind == "offer-made":
        it = body["offer"]
        return it[
            "by"
        ], f"{it['by']} offered {it['duration']} minutes in {', '.join(sorted(it['scope']))}: {it['note']}"
    if kind == "offer-accepted":
        return who, f"{who} accepted the offer.{granted}"
    if kind == "request-told":
        to, due = ", ".join(body["to"]), instant(body["due"]) if "due" in body else "no time"
        return None, {
            "emergency": f"For security, {to} heard of the emergency.",
            "countersign": f"Locum asked {to} to sign until {due} for what the emergency skipped.",
            "countersign-reminder": f"Locum reminded {to} to sign until {due} for what the emergency skipped.",
            "countersign-overdue": f"What the emergency skipped was not signed until {due}; Locum told {to}.",
        }[body["told"]]
    if kind == "request-escalated":
        return None, f"Nobody had decided; {body['to']} was told."
    if kind == "request-withdrawn":
        what = "the request" if who in (main["requester"], main["actor"]) else "their approval"
        return who, f"{who} withdrew {what}."
    if kind == "request-countersigned":
        it = body["approval"]
        return it["by"], f"{it['by']} signed for an authority that the emergency skipped."
    if kind == "request-lapsed":
        why = body.get("because")
        if why:
            return None, f"The request could come to nothing any more: {why['denial']}: {why['detail']}."
        return None, "The request lapsed."
    if kind == "personal-erased":
        asked, confirmed = body["asked_by"], body["confirmed_by"]
        return confirmed, f"What was personal was erased: {asked} asked, {confirmed} confirmed."
    fixed = {
        "request-activated": "The grant was used.",
        "request-ended": "The request ended with its session.",
    }
    if kind in fixed:
        return None, fixed[kind]
    if kind == "session-started":
        it = body["session"]
        return it[
            "actor"
        ], f"The session of {it['actor']} as {it['subject']} began; it ends by {instant(it['end_by'])}."
    if kind == "session-opened":
        way = {"ticket": "a one-time ticket", "access-token": "an access token"}[body["way"]]
        return main["actor"], f"{body['application']} was opened with {way}."
    if kind == "session-witnessed":
        return None, f"Witnesses had signed for the ledger's first {crossing.witnessed_entries(body['checkpoint'])} entries."
    if kind == "session-extended":
        return None, f"The session was lengthened; it ends by {instant(body['end_by'])}."
    if kind == "session-ended":
        return who, f"{who} ended the session: {body['because']}." if who else f"The session ended: {body['because']}."
    if kind == "application-ended":
        return None, f"The end was confirmed in {body['application']}."
    if kind == "case-changed":
        it = body["change"]
        open_ = "open" if it["is_open"] else "not open"
        return None, f"Case {it['case']} is {open_} ({it['state']}), learnt by {it['source']}."
    if kind == "review-opened":
        it = body["review"]
        return None, f"A review is owed by {it.get('reviewer') or 'nobody by name'} until {instant(it['due'])}."
    if kind == "review-completed":
        it = body["completion"]
        return it["by"], f"{it['by']} found the session {it['finding']}: {it['note']}"
    if kind == "hold-placed":
        who = body["hold"]["by"]
        return who, f"{who} stopped and held what this is part of."
    if kind == "hold-lifted":
        return who, f"{who} lifted the hold."
    if kind == "refused":
        return who, f"{who} was refused ({body['act']}, {body['refusal']['denial']}): {body['refusal']['detail']}"
    if kind == "evidence-read":
        return who, f"{who} looked at the evidence: {body['what']}"
    return None


def timeline(told, sentences):
    lines = []
    for row, said in sentences:
        if said:
            told_line = {**line(row), "kind": row["body"]["type"], "sentence": said[1]}
            lines.append(told_line | ({"by": said[0]} if said[0] else {}))

    def often(number):
        return "once" if number == 1 else f"{number} times"

    for it in told["applications"]:
        for row in it["accessed"]:
            # A root field says more than the one address of all documents.
            address = row["path"] if row["template"].startswith("/") else row["template"]
            what = row.get("object", address)
            text = f"{row['operation']} on {what} in {it['application']}, {often(row['count'])}."
            lines.append({**row["first"], "kind": "access-admitted", "sentence": text, "by": told["actor"]})
    refused = [(it["application"], row) for it in told["applications"] for row in it["refused"]]
    for name, row in refused + [(row["application"], row) for row in told["refused_elsewhere"]]:
        text = f"{row['method']} {row['path']} in {name} was refused ({row['code']}), {often(row['count'])}."
        lines.append({**row["first"], "kind": "access-refused", "sentence": text, "by": told["actor"]})
    return sorted(lines, key=lambda it: it["position"])
