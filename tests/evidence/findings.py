"""What is open, missing or wrong, as the record can show."""

from rows import instant, nanoseconds


def findings(told, rows, approvals, request):
    """Those of the session, once there is one, what an emergency skipped, and the approvals that nobody signed."""
    found = of_session(told, rows)
    if "activation" in told:
        found += of_emergency(told, rows, request)
    for step in request["route"].get("afterwards", []) if "activation" in told else []:
        if not step.get("approval"):
            of = f" of {step['application']}" if step.get("application") else ""
            text = f"The emergency skipped {step['authority']}{of}, and nobody has signed for it afterwards."
            position = told["activation"]["position"]
            found.append({"code": "countersignature-missing", "sentence": text, "position": position})
    for it in approvals:
        if "signature" not in it:
            did, what = ("countersigned", "countersignature") if "afterwards" in it else ("approved", "approval")
            text = f"{it['by']} {did} without their own signature: only the ledger's key says that they did."
            found.append({"code": f"{what}-unsigned", "sentence": text, "position": it["position"]})
    return found


def of_emergency(told, rows, request):
    found = []
    if request["break_glass"] and not request.get("security_told"):
        text = "Nobody who looks after security was told of the emergency."
        found.append({"code": "security-not-told", "sentence": text, "position": told["filed"]["position"]})
    due = request.get("owed", {}).get("due")
    for row in rows:
        if row["body"]["type"] == "request-countersigned" and row["body"]["request"] == request["id"]:
            it = row["body"]["approval"]
            if due and nanoseconds(it["at"]) > nanoseconds(due):
                text = f"{it['by']} signed for what the emergency skipped after {instant(due)}."
                found.append({"code": "countersignature-late", "sentence": text, "position": row["position"]})
    return found


def of_session(told, rows):
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
    return found
