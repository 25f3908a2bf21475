"""The report: tables of plain text, from the story alone."""

LAST = (
    "Times are UTC. Numbers in brackets are positions in the ledger. This page is derived from the entries in this "
    "pack: locum evidence verify rebuilds it and compares every byte."
)


def text(it):
    return str(it).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def place(line):
    return f"{line['at']} [{line['position']}]"


def answers(row):
    return ", ".join(f"{times} × {status}" for status, times in sorted(row["statuses"].items()))


def length(row):
    return f"{row['longest_us'] // 1000} ms"


def ends(row):
    return [row["count"], place(row["first"]), place(row["last"])]


def page(told, style):
    title = f"Access event {text(told['id'])}"
    body = "".join(section(*it) for it in sections(told))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{style}</style></head><body><main><h1>{title}</h1>"
        f"<p>{text(first_line(told))}</p>{body}<footer><p>{LAST}</p></footer></main></body></html>\n"
    )


def section(title, columns, rows):
    if not rows:
        return f"<section><h2>{title}</h2><p>None: nothing that the record can show is open, missing or wrong.</p></section>"
    head = "".join(f'<th scope="col">{it}</th>' for it in columns.split(" · "))
    body = "".join("<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<section><h2>{title}</h2><div>{table}</div></section>"


def first_line(told):
    end = "No session began."
    if "ended" in told:
        end = f"The session ended {told['ended']['at']}: {told['ended_because']}."
    elif "activation" in told:
        end = f"The session began {told['activation']['at']} and has not ended."
    case = told["case"]["reference"]
    return f"{told['actor']} as {told['subject']} for case {case}: the request is {told['state']}. {end}"


def sections(told):
    findings = [
        [it["code"], it["sentence"] + (f" [{it['position']}]" if "position" in it else "")] for it in told["findings"]
    ]
    yield "Findings", "Finding · What is open, missing or wrong", findings
    for it in rest(told):
        if it[2]:
            yield it


def rest(told):
    yield "Who, for what", "What · On the record", list(facts(told))
    steps = told["route"] + told.get("extension", {"route": []})["route"]
    columns = "Authority · Demanded by · Decided by · When · Grounds"
    yield "Who decided", columns, [step(it) for it in steps]
    columns = (
        "Application · Subject there · Admitted · Completed · Refused · Cut · Without completion · Answers · Longest"
        " · Answered by · End"
    )
    counts = ("admitted", "completed", "refused", "cut", "without_completion")
    rows = []
    for it in told["applications"]:
        end = "confirmed " + place(it["end_confirmed"]) if "end_confirmed" in it else it["state"]
        done = it["requests"]
        went = [answers(done), length(done), ", ".join(it["upstreams"])]
        rows.append([it["application"], it["subject"], *(done[count] for count in counts), *went, end])
    yield "Applications", columns, rows
    columns = "Application · Operation · Let by · Object · Request · Answers · Longest · Times · First · Last"
    rows = []
    for it in told["applications"]:
        for row in it["accessed"]:
            request = f"{row['method']} {row['path']}"
            request += "" if row["template"].startswith("/") else f": {row['template']}"
            what = [row["operation"], row["rule"], row.get("object", ""), request, answers(row), length(row)]
            rows.append([it["application"], *what, *ends(row)])
    yield "What was touched", columns, rows
    inside = [(it["application"], row) for it in told["applications"] for row in it["refused"]]
    elsewhere = [(row["application"], row) for row in told["refused_elsewhere"]]
    rows = [
        [name, row["code"], row.get("rule", ""), f"{row['method']} {row['path']}", *ends(row)]
        for name, row in inside + elsewhere
    ]
    yield "Requests that were refused", "Application · Code · Rule · Request · Times · First · Last", rows
    rows = [[it["by"], it["act"], it["code"], place(it), it["detail"]] for it in told["refusals"]]
    yield "People who were refused", "Who · Act · Code · When · Why", rows
    rows = [[it["position"], it["at"], it["sentence"]] for it in told["timeline"]]
    yield "What happened, in order", "Position · When · What", rows


def facts(told):
    yield "Request", told["request"]
    yield "Asked by", told["requester"]
    yield "Actor", told["actor"]
    yield "Subject", told["subject"]
    if "tenant" in told:
        yield "Tenant", told["tenant"]
    for application, there in told["subjects"].items():
        yield "Subject there", f"{there['id']} in {application}"
    yield "Case", f"{told['case']['reference']} ({told['case']['state']})"
    yield "Reason", told["reason"]
    for application, operations in told["scope"].items():
        yield "Scope", f"{application}: {', '.join(operations)}"
    yield "Minutes", told["duration_minutes"]
    yield "Emergency", "yes" if told["break_glass"] else "no"
    for warning in told["warnings"]:
        yield "Warning", warning
    yield "Filed", place(told["filed"])
    if "session" in told:
        yield "Session", told["session"]
    if "activation" in told:
        yield "Activated", place(told["activation"])
    if "witnessed" in told:
        it = told["witnessed"]
        yield "Witnessed", f"the ledger's first {it['entries']} entries {place(it)}"
    if "ended" in told:
        yield "Ended", place(told["ended"])
        yield "Ended because", told["ended_because"]
    if "ended_by" in told:
        yield "Ended by", told["ended_by"]
    if "review" in told:
        yield "Review owed by", told["review"].get("reviewer", "nobody by name")
        if "completed" in told["review"]:
            done = told["review"]["completed"]
            yield "Review", f"{done['finding']}, by {done['by']} {place(done)}: {done['text']}"
            yield "Review signed", signed(done, "reviewer")


def signed(approval, who="approver"):
    if "signed_by" not in approval:
        return f"signed by the {who}" if approval["is_signed"] else f"not signed by the {who}"
    key = approval["signed_by"]
    means = "passkey" if key["kind"] == "passkey" else "key file"
    whose = f"signed for by {key['enrolled_by']}" if "enrolled_by" in key else "a founder's"
    return f"signed by the {who} with {means} {key['thumbprint']}, enrolled {place(key['enrolled'])}, {whose}"


def step(it):
    authority = it["authority"] + (f" of {it['application']}" if "application" in it else "")
    if "approval" not in it:
        return [authority, it["rule"], "nobody", "", ""]
    approval = it["approval"]
    grounds = ["under " + ", ".join(approval["rules"])]
    grounds.append(signed(approval))
    if "unavoidable_because" in approval:
        grounds.append("unavoidable because: " + approval["unavoidable_because"])
    grounds += ["compensating control: " + it for it in approval["compensating_controls"]]
    if "note" in approval:
        grounds.append("note: " + approval["note"])
    return [authority, it["rule"], approval["by"], place(approval), "; ".join(grounds)]
