"""What is open, missing or wrong, as the record can show."""

import crossing
import epochs
from rows import instant, nanoseconds


def findings(told, rows, approvals, request):
    """Those of the session, once there is one, what an emergency skipped, and the approvals that nobody signed."""
    found = epochs.findings(told["filed"]["position"], rows) + erased(told, rows) + of_session(told, rows, request)
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


def erased(told, rows):
    for row in rows:
        body = row["body"]
        if body["type"] == "personal-erased" and body["request"] == told["request"]:
            text = (
                f"The personal data of the subject was erased on {row['at']}: {body['asked_by']} asked and "
                f"{body['confirmed_by']} confirmed. What was approved and signed cannot be rebuilt any more; the record "
                "still binds it."
            )
            return [{"code": "erased", "sentence": text, "position": row["position"]}]
    return []


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


def of_session(told, rows, request):
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
    waiting, unbegun, elsewhere = {}, [], {}
    names = [it["application"] for it in told["applications"]]
    for row in rows:
        body, at = row["body"], row["position"]
        if body["type"] == "access-admitted":
            waiting[body["application"], body["record"]] = at
            if body["application"] not in names:
                elsewhere.setdefault(body["application"], at)
        elif body["type"] == "access-completed" and waiting.pop((body["application"], body["record"]), None) is None:
            unbegun.append(at)
    for alone, code, text in (
        (waiting.values(), "admission-without-completion", "admitted, and what became of it is not on the record."),
        (unbegun, "completion-without-admission", "completed whose admission is not on the record."),
    ):
        if alone:
            find(code, min(alone), f"{'1 request was' if len(alone) == 1 else f'{len(alone)} requests were'} {text}")
    for at in sorted(elsewhere.values()):
        find("access-outside-session", at, "A request was admitted at an application that the session does not have.")
    if request["route"].get("strictest", "regulated") != "low":
        found += without_object(rows)
    found += crossing.of_work(told, rows)
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
    return found + crossing.of_finding(told, rows) + crossing.of_reviewer(told)


def without_object(rows):
    """Operations of which the record shows only the address of what was touched."""
    known = {}
    for row in rows:
        body = row["body"]
        if body["type"] == "access-admitted" and body["rule"] != "asset" and body.get("object") is None:
            known.setdefault((body["application"], body["operation"]), []).append(row["position"])
    found = []
    for (application, operation), them in sorted(known.items(), key=lambda it: it[1]):
        many = "1 request" if len(them) == 1 else f"{len(them)} requests"
        say = "does" if len(them) == 1 else "do"
        text = f"{many} of {operation} in {application} {say} not say which object was touched."
        found.append({"code": "object-unknown", "sentence": text, "position": them[0]})
    return found
