"""The story: what the disclosed payloads say, in the document's order and words."""

import copy

import ledger


class Stray(Exception):
    """A payload that does not belong, as one sentence."""


def keep(source, *names):
    """The members that are there."""
    return {name: source[name] for name in names if source.get(name) is not None}


def line(row):
    return {"position": row["position"], "at": row["at"]}


def by(person, row, text=None):
    said = {"by": person, **line(row)}
    return said if text is None else {**said, "text": text}


def instant(at):
    """A time with six fractional digits, the rest cut off."""
    whole, _, fraction = at.rstrip("Z").partition(".")
    return f"{whole}.{fraction[:6]:0<6}Z"


# What belongs ------------------------------------------------------------------------------------------------

NAMED_BY = {
    "request-filed": ("request", "request", "id"),
    "session-started": ("session", "session", "id"),
    "review-opened": ("review", "review", "id"),
    "review-completed": ("review", "review", None),
    "case-changed": ("case", "change", "case"),
    "hold-placed": ("hold", "hold", "id"),
    "hold-lifted": ("hold", "hold", None),
    "application-ended": ("session", "session", None),
}


def stream_of(body):
    kind = body["type"]
    if kind in NAMED_BY:
        what, member, inner = NAMED_BY[kind]
        return f"{what}/{body[member][inner] if inner else body[member]}"
    if kind.startswith(("request-", "question-", "offer-")) and kind != "request-previewed":
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
    for row in rows:
        named = stream_of(row["body"])
        anywhere = row["body"]["type"] in ("refused", "evidence-read")
        if row["stream"] not in streams or not (anywhere or named == row["stream"]):
            raise Stray(f"entry {row['position']} does not belong to the access event")
        if row["position"] < filing["position"] and not row["stream"].startswith(("case/", "hold/")):
            raise Stray(f"entry {row['position']} stands before the filing")
    return filing, session, extensions


# How a request changes ---------------------------------------------------------------------------------------


def changed(request, body):
    """The request after an event of its stream."""
    kind, state = body["type"], None
    if kind == "request-filed":
        return copy.deepcopy(body["request"])
    request = copy.deepcopy(request)
    if kind == "request-approved":
        request["route"]["steps"][body["step"]]["approval"] = body["approval"]
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


def narrow(request, offer):
    request["version"] += 1
    request["scope"], request["duration"] = offer["scope"], offer["duration"]
    counts = is_approval(request, offer)
    for at, step in enumerate(request["route"]["steps"]):
        if at == offer["step"] and counts:
            step["approval"] = {**keep(offer, "by", "at", "scope_digest", "rules", "note"), "covers_narrower": False}
        elif not step.get("approval", {}).get("covers_narrower"):
            step.pop("approval", None)
    steps = request["route"]["steps"]
    request["route"]["steps"] = [
        it for it in steps if it.get("application") is None or it["application"] in request["scope"]
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


# Telling -----------------------------------------------------------------------------------------------------


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
    told["findings"] = findings(told, rows)
    return told, approvals


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
    return told


def route(request, places):
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
    told["route"] = route(request, places)
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


COUNTS = "admitted completed refused cut abandoned failed without_completion bytes_in bytes_out".split()


def applications(told, session, rows):
    started = next((row for row in rows if row["body"]["type"] == "session-started"), None)
    works = {}
    for row in rows:
        body = row["body"]
        if body["type"] in ("access-admitted", "access-completed", "access-refused"):
            work = works.setdefault(
                body["application"], {"rows": {}, "refused": {}, "open": {}, "counts": dict.fromkeys(COUNTS, 0)}
            )
            count(work, body, row)
    for work in works.values():
        work["counts"]["without_completion"] = len(work["open"])
    told["applications"], told["refused_elsewhere"] = [], []
    nothing = {"rows": {}, "refused": {}, "counts": dict.fromkeys(COUNTS, 0)}
    total = dict.fromkeys(COUNTS, 0)
    for work in works.values():
        for name in COUNTS:
            total[name] += work["counts"][name]
    told["requests"] = total
    here = {}
    if started:
        body = started["body"]["session"]
        told["activation"], told["actor_profile"], told["end_by"] = line(started), body["actor_profile"], body["end_by"]
        for name, it in sorted(body["applications"].items()):
            work = works.pop(name, nothing)
            here[name] = {
                "application": name,
                "subject": it["subject"],
                "operations": sorted(it["operations"]),
                "state": "live",
                "opened": [],
                "accessed": list(work["rows"].values()),
                "refused": list(work["refused"].values()),
                "requests": work["counts"],
            }
        told["applications"] = list(here.values())
    for name, work in sorted(works.items()):
        told["refused_elsewhere"] += [{"application": name, **it} for it in work["refused"].values()]
    for row in rows:
        body = row["body"]
        application = here.get(body.get("application"))
        if body["type"] == "session-opened" and application:
            application["opened"].append({"way": body["way"], **line(row)})
        elif body["type"] == "session-ended":
            told["ended_because"], told["ended"] = body["because"], line(row)
            told.pop("ended_by", None)
            told |= {"ended_by": body["by"]} if body.get("by") else {}
            for it in here.values():
                it["state"] = "ending"
        elif body["type"] == "application-ended" and application:
            application["state"], application["end_confirmed"] = "ended", line(row)


def count(work, body, row):
    kind, counts = body["type"], work["counts"]
    if kind == "access-completed":
        counts["completed"] += 1
        if body["outcome"] != "answered":
            counts[body["outcome"]] += 1
        counts["bytes_in"] += body["bytes_in"]
        counts["bytes_out"] += body["bytes_out"]
        told = work["open"].pop(body["record"], None)
        if told is not None:
            told["outcomes"][body["outcome"]] = told["outcomes"].get(body["outcome"], 0) + 1
            told["outcomes"] = dict(sorted(told["outcomes"].items()))
        return
    if kind == "access-admitted":
        counts["admitted"] += 1
        key = (body["operation"], body.get("object"), body["method"], body["path"])
        fresh = {
            **keep(body, "operation", "object", "method", "path"),
            "count": 0,
            "first": line(row),
            "last": line(row),
            "outcomes": {},
        }
        told = work["rows"].setdefault(key, fresh)
        work["open"][body["record"]] = told
    else:
        counts["refused"] += 1
        key = (body["denial"], body.get("operation"), body["method"], body["path"])
        fresh = {
            "code": body["denial"],
            **keep(body, "operation", "method", "path"),
            "count": 0,
            "first": line(row),
            "last": line(row),
        }
        told = work["refused"].setdefault(key, fresh)
    told["count"] += 1
    told["last"] = line(row)


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
            "route": route(request, places),
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
            told["review"] = {**keep(review, "id", "reviewer", "due"), "opened": line(row)}
        elif kind == "review-completed" and told.get("review", {}).get("id") == body["review"]:
            done = body["completion"]
            told["review"]["completed"] = {"finding": done["finding"], **by(done["by"], row, done["note"])}
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


ORDER = """findings id request session state filed requester actor actor_profile subject tenant subjects case reason scope
duration_minutes break_glass version scope_digest warnings route questions offers escalated denied withdrawn lapsed grant
activation end_by applications refused_elsewhere requests extension ended_because ended_by ended review refusals
case_changes holds reads timeline""".split()


def in_order(told):
    told |= {"findings": [], "timeline": []}
    return {name: told[name] for name in ORDER if name in told}


# Sentences ---------------------------------------------------------------------------------------------------


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
    if kind == "request-escalated":
        return None, f"Nobody had decided; {body['to']} was told."
    if kind == "request-withdrawn":
        what = "the request" if who in (main["requester"], main["actor"]) else "their approval"
        return who, f"{who} withdrew {what}."
    fixed = {
        "request-lapsed": "The request lapsed.",
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
            what = row.get("object", row["path"])
            text = f"{row['operation']} on {what} in {it['application']}, {often(row['count'])}."
            lines.append({**row["first"], "kind": "access-admitted", "sentence": text, "by": told["actor"]})
    refused = [(it["application"], row) for it in told["applications"] for row in it["refused"]]
    for name, row in refused + [(row["application"], row) for row in told["refused_elsewhere"]]:
        text = f"{row['method']} {row['path']} in {name} was refused ({row['code']}), {often(row['count'])}."
        lines.append({**row["first"], "kind": "access-refused", "sentence": text, "by": told["actor"]})
    return sorted(lines, key=lambda it: it["position"])


def findings(told, rows):
    found = []

    def find(code, position, text):
        found.append({"code": code, "sentence": text, "position": position})

    if "activation" not in told:
        return found
    if "ended" not in told:
        find("session-not-ended", told["activation"]["position"], "The session has not ended.")
    else:
        for it in told["applications"]:
            if it["state"] != "ended":
                find(
                    "end-unconfirmed",
                    told["ended"]["position"],
                    f"The end of the session is not confirmed in {it['application']}.",
                )
    halves = {"access-admitted": {}, "access-completed": {}}
    for row in rows:
        if row["body"]["type"] in halves:
            halves[row["body"]["type"]].setdefault(row["body"]["record"], []).append(row["position"])
    admitted, completed = halves.values()
    pairs = (
        (admitted, completed, "admission-without-completion", "admitted, and what became of it is not on the record."),
        (completed, admitted, "completion-without-admission", "completed whose admission is not on the record."),
    )
    for these, others, code, text in pairs:
        alone = sorted(at for record, places in these.items() if record not in others for at in places)
        if alone:
            find(code, alone[0], f"{'1 request was' if len(alone) == 1 else f'{len(alone)} requests were'} {text}")
    names = [it["application"] for it in told["applications"]]
    for row in rows:
        if row["body"]["type"] == "access-admitted" and row["body"]["application"] not in names:
            find(
                "access-outside-session",
                row["position"],
                "A request was admitted at an application that the session does not have.",
            )
    review = told.get("review")
    if review is None:
        if "ended" in told:
            find("review-missing", told["ended"]["position"], "No review of the session was opened.")
    elif "completed" not in review:
        text = f"The review owed by {review.get('reviewer', 'nobody by name')} until {instant(review['due'])} is open."
        find("review-open", review["opened"]["position"], text)
    else:
        done = review["completed"]
        if done["finding"] == "justified-with-follow-up":
            find("review-follow-up", done["position"], f"{done['by']} found the session justified, with a follow-up.")
        elif done["finding"] == "unjustified":
            find("review-unjustified", done["position"], f"{done['by']} found the session unjustified.")
    if len(names) > 1:
        for step in told["route"] + told.get("extension", {"route": []})["route"]:
            approval = step.get("approval")
            if approval and not approval["is_signed"]:
                text = f"The session crosses applications, and {approval['by']} approved without their own signature."
                find("approval-unsigned", approval["position"], text)
    return found
