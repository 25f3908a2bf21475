"""The chain from each approval's signature to the founders: the founding, the enrolments, and who may sign what."""

import keys
import ledger
import webauthn
from request import changed
from rows import keep, line, nanoseconds

DAY = 24 * 3_600 * 10**9


class Broken(Exception):
    """A rule that was not kept, as one sentence."""


def demand(condition, sentence):
    if not condition:
        raise Broken(sentence)


def digest(purpose, statement):
    return ledger.sha256(purpose.encode() + b"\n" + ledger.canonical(statement))


# What counts -------------------------------------------------------------------------------------------------


class Counting:
    """Which authenticators counted from where on, while rows are read in order."""

    def __init__(self):
        self.founding, self.invited, self.asked, self.known = None, {}, {}, {}

    def counts(self, authenticator, row, by, host):
        told = {"authenticator": authenticator, "enrolled": line(row), "at": row["body"]["at"], "by": by, "host": host}
        self.known.setdefault(authenticator["id"], told)

    def take(self, row):
        body = row["body"]
        kind, founding = body["type"], self.founding
        if kind == "founding-begun" and founding is None:
            self.founding = {**body["founding"], "enrolled": {}, "signed": []}
        elif kind == "founder-enrolled" and founding and not founding["signed"]:
            founding["enrolled"][body["authenticator"]["person"]] = body["authenticator"]
        elif kind == "founding-signed" and founding:
            is_new = body["by"] not in founding["signed"]
            founding["signed"].append(body["by"])
            if is_new and set(founding["founders"]) <= set(founding["signed"]):
                for authenticator in founding["enrolled"].values():
                    self.counts(authenticator, row, None, None)
        elif kind == "enrolment-invited":
            self.invited[body["person"], body["by"]] = body["at"]
        elif kind == "enrolment-asked":
            asked = body["enrolment"]
            self.invited.pop((asked["authenticator"]["person"], asked.get("invited_by")), None)
            self.asked.setdefault(body["enrolment"]["id"], body["enrolment"])
        elif kind == "enrolment-approved" and body["enrolment"] in self.asked:
            asked = self.asked.pop(body["enrolment"])
            self.counts(asked["authenticator"], row, body["by"], asked.get("invited_by"))
        elif kind == "enrolment-denied":
            self.asked.pop(body["enrolment"], None)
        elif kind == "authenticator-revoked" and body["authenticator"] in self.known:
            self.known[body["authenticator"]]["revoked"] = True


def told(known):
    """An authenticator as the story quotes it."""
    key = known["authenticator"]
    quoted = {"authenticator": key["id"], "thumbprint": keys.thumbprint(key["public_key"]), "kind": key["means"]["kind"]}
    return quoted | {"enrolled": known["enrolled"]} | ({"enrolled_by": known["by"]} if known["by"] else {})


def all_known(rows):
    counting = Counting()
    for row in rows:
        counting.take(row)
    return counting.known


# What must hold ----------------------------------------------------------------------------------------------


class Walk:
    def __init__(self, origin, approvals, stood):
        self.stood, self.reviews = stood, {}
        self.origin, self.approvals = origin, {it["position"]: it for it in approvals}
        self.counting, self.counters, self.requests, self.verified = Counting(), {}, {}, []
        self.unrebuilt = 0

    def judge(self, row):
        body = row["body"]
        judges = {
            "founding-begun": self.begun,
            "founder-enrolled": self.founder,
            "founding-signed": self.founded,
            "enrolment-invited": self.invited,
            "enrolment-asked": self.asked,
            "enrolment-approved": self.enrolled,
        }
        if body["type"] == "request-approved":
            self.approved(row, "approved", "locum-approval/v1")
        elif body["type"] == "request-countersigned":
            self.approved(row, "countersigned", "locum-countersignature/v1")
        elif body["type"] == "review-completed":
            self.found(row)
        elif body["type"] in ("request-activated", "session-extended"):
            self.used(body["request"])
        elif body["type"] == "session-started":
            self.used(body["session"]["request"])
        elif body["type"] in judges:
            judges[body["type"]](body)
        self.counting.take(row)
        if body["type"] == "review-opened":
            self.reviews.setdefault(body["review"]["id"], body["review"])
        if row["stream"].startswith("request/") and body["type"] not in ("refused", "evidence-read"):
            name = row["stream"].removeprefix("request/")
            self.requests[name] = changed(self.requests.get(name), body)

    @staticmethod
    def is_key(it):
        demand(keys.is_accepted(it["public_key"]), f"a key of {it['person']} is not accepted")
        is_own = it["id"] == keys.authenticator_id(it["public_key"])
        demand(is_own, f"the id of a key of {it['person']} is not its key's own")

    def begun(self, body):
        it = body["founding"]
        demand(self.counting.founding is None, "the ledger is founded a second time")
        demand(len(it["founders"]) == 2 and it["founders"] == sorted(set(it["founders"])), "founders are two people")
        demand(it["origin"] == self.origin, "the founding is of another ledger")
        is_bare = not it["enrolled"] and not it["signed"] and "completed_at" not in it
        demand(is_bare, "the founding begins with what only its signatures can make")

    def founder(self, body):
        it, founding = body["authenticator"], self.counting.founding
        demand(founding and it["person"] in founding["founders"], f"{it['person']} is not a founder")
        demand(not founding["signed"], f"{it['person']} changed a founding that was being signed")
        demand(it["means"]["kind"] == "passkey", f"the key of {it['person']} is no passkey")
        self.is_key(it)
        others = [other for person, other in founding["enrolled"].items() if person != it["person"]]
        demand(not any(is_shared(it, other) for other in others), "the founders share a key")

    def founded(self, body):
        founding, by = self.counting.founding, body["by"]
        is_ready = founding and set(founding["enrolled"]) == set(founding["founders"])
        demand(is_ready, f"{by} signed a founding that has not both keys")
        demand(by in founding["enrolled"], f"{by} is not a founder")
        demand(by not in founding["signed"], f"{by} signed the founding twice")
        quoted = [{"person": person, **stated(founding["enrolled"][person])} for person in founding["founders"]]
        statement = {"origin": founding["origin"], "founders": quoted, "nonce": founding["nonce"]}
        self.verifies(by, body["signature"], founding["enrolled"][by], digest("locum-founding/v1", statement))

    def invited(self, body):
        demand(body["by"] != body["person"], f"{body['by']} invited themselves")
        self.is_first_key(body["person"])

    def asked(self, body):
        asked = body["enrolment"]
        self.is_key(asked["authenticator"])
        if "invited_by" in asked:
            person, by = asked["authenticator"]["person"], asked["invited_by"]
            at = self.counting.invited.get((person, by))
            demand(at, f"{person} asked by an invitation of {by} that is not there")
            is_early = nanoseconds(asked["at"]) - nanoseconds(at) < DAY
            demand(is_early, f"{person} asked too late for the invitation of {by}")
            self.is_first_key(person)

    def is_first_key(self, person):
        theirs = [it for it in self.counting.known.values() if it["authenticator"]["person"] == person]
        demand(all("revoked" in it for it in theirs), f"{person} was invited with a key that counts")

    def enrolled(self, body):
        asked, by = self.counting.asked.get(body["enrolment"]), body["by"]
        demand(asked, f"{by} approved an enrolment nobody waits for")
        it = asked["authenticator"]
        demand(by != it["person"], f"{by} approved their own enrolment")
        if "invited_by" in asked:
            is_other = by != asked["invited_by"]
            demand(is_other, f"{by} invited {it['person']} and approved the enrolment")
            self.is_first_key(it["person"])
        others = self.counting.known.values()
        was_known = any(is_shared(it, other["authenticator"]) for other in others)
        demand(not was_known, f"a key of {it['person']} was enrolled before")
        statement = {
            "by": by,
            "enrolment": asked["id"],
            "person": it["person"],
            "authenticator": it["id"],
            **stated(it),
            "nonce": asked["nonce"],
            **keep(asked, "replaces", "invited_by"),
        }
        signer = self.signed(by, body["signature"], digest("locum-enrolment/v1", statement))
        is_passkey = signer["authenticator"]["means"]["kind"] == "passkey"
        demand(is_passkey, f"{by} approved an enrolment without a passkey")

    def approved(self, row, did, purpose):
        body = row["body"]
        approval, request = body["approval"], self.requests[body["request"]]
        by, route = approval["by"], request["route"]
        if approval.get("signature") is None:
            demand(not route["signature_demanded"], f"{by} {did} without the signature demanded")
            return
        if request["nonce"] == "erased":
            self.unrebuilt += 1  # What was signed cannot be rebuilt any more.
            return
        statement = self.approvals[row["position"]]["statement"]
        self.signs(row, purpose, statement, approval, request)

    def found(self, row):
        body = row["body"]
        done, review = body["completion"], self.reviews.get(body["review"])
        by, shown = done["by"], done["shown"]
        demand(review, "no such review was opened")
        is_so = self.stood.get(shown["last"]) == shown
        demand(is_so, f"{by} was shown another session than the one on the record")
        request = self.requests[review["request"]]
        if done.get("signature") is None:
            demand(not request["route"]["signature_demanded"], f"{by} found without the signature demanded")
            return
        if done["note"] == "erased":
            self.unrebuilt += 1
            return
        statement = {"by": by, "review": review["id"], **keep(review, "event", "request", "session")}
        statement |= {"finding": done["finding"], "note": done["note"], "shown": shown}
        self.signs(row, "locum-finding/v1", statement, done, request)

    def signs(self, row, purpose, statement, approval, request):
        by, route = approval["by"], request["route"]
        known = self.signed(by, approval["signature"], digest(purpose, statement))
        strictest = route.get("strictest", "regulated")
        is_passkey = known["authenticator"]["means"]["kind"] == "passkey"
        demand(is_passkey or strictest == "low", f"{by} signed with a key file what needs a passkey")
        is_new = known["by"] and nanoseconds(approval["at"]) - nanoseconds(known["at"]) < DAY
        is_old_enough = strictest != "regulated" or not is_new
        demand(is_old_enough, f"{by} signed for a regulated application with a key not enrolled for 24 hours")
        steps = route["steps"] + route.get("afterwards", [])
        standing = [step["approval"] for step in steps if step.get("approval")]
        people = {it["by"] for it in standing} | {by, request["requester"], request["actor"]}
        signed = [it["signature"]["authenticator"] for it in standing if it.get("signature")]
        for other in [self.counting.known.get(name) for name in signed] + [known]:
            is_apart = other is None or not {other["by"], other["host"]} & people
            demand(is_apart, "by whose doing a key counts has a part in the request it signs")
        before = (nanoseconds(request["filed_at"]) - nanoseconds(known["at"])) / 10**9
        quoted = {"position": row["position"], "signs": purpose.split("-")[1].split("/")[0], "request": request["id"]}
        quoted |= {"by": by, "signed_by": told(known)}
        self.verified.append({**quoted, "enrolled_before_request_seconds": int(before)})

    def used(self, name):
        for step in self.requests[name]["route"]["steps"]:
            approval = step.get("approval") or {}
            if approval.get("signature"):
                known = self.counting.known.get(approval["signature"]["authenticator"])
                is_in_use = known and "revoked" not in known
                demand(is_in_use, f"request {name} was used after the key by which {approval['by']} approved it was revoked")

    def signed(self, by, signature, over):
        known = self.counting.known.get(signature["authenticator"])
        demand(known, f"{by} signed with a key nobody enrolled")
        demand(known["authenticator"]["person"] == by, f"{by} signed with somebody else's key")
        demand("revoked" not in known, f"{by} signed with a key that was revoked")
        self.verifies(by, signature, known["authenticator"], over)
        return known

    def verifies(self, by, signature, authenticator, over):
        last = self.counters.get(authenticator["id"], 0)
        why, count = webauthn.fault(signature, authenticator, over, last)
        demand(why is None, f"the signature of {by} does not count: {why}")
        self.counters[authenticator["id"]] = count


def stated(authenticator):
    """What a statement says of a key: its thumbprint, and how it is kept."""
    means = authenticator["means"]
    members = ("credential_id", "rp_id", "origin", "is_synced") if means["kind"] == "passkey" else ()
    kept = {name: means[name] for name in ("kind", *members)}
    return {"thumbprint": keys.thumbprint(authenticator["public_key"]), "means": kept}


def is_shared(one, two):
    credential = one["means"].get("credential_id")
    return one["id"] == two["id"] or (credential is not None and credential == two["means"].get("credential_id"))


def check(rows, origin, approvals, stood, founders):
    """The signatures that verified, and what the answer says of the founders."""
    walk = Walk(origin, approvals, stood)
    for row in rows:
        walk.judge(row)
    found = [row["body"]["completion"] for row in rows if row["body"]["type"] == "review-completed"]
    unsigned = [it["by"] for it in approvals + found if it.get("signature") is None]
    first = unsigned[0] if founders and unsigned else None
    demand(first is None, f"{first} did not sign: nothing leads from there to the founders' keys you gave")
    erased = ""
    if walk.unrebuilt:
        many = "1 signature is" if walk.unrebuilt == 1 else f"{walk.unrebuilt} signatures are"
        erased = f"; {many} over what was erased and cannot be checked"
    if founders and not walk.verified and not erased:
        return [], "; nobody approved anything in it, so no founder's key was checked"
    many = {"approval": 0, "countersignature": 0, "finding": 0}
    many["finding"] = sum(it.get("signature") is None for it in found)
    for it in approvals:
        many["countersignature" if "afterwards" in it else "approval"] += "signature" not in it
    rest = "".join(f"; {n} {it}{' is' if n == 1 else 's are'} not signed" for it, n in many.items() if n)
    rest = erased + rest
    if not walk.verified:
        return [], rest
    if not founders:
        return walk.verified, "; the founders' keys were not checked against fingerprints you hold" + rest
    enrolled = walk.counting.founding["enrolled"].items()
    found = {person: keys.thumbprint(it["public_key"]) for person, it in enrolled}
    demand(found == founders, "the keys that founded are not those you gave")
    return walk.verified, "; every signature leads to the founders' keys you gave" + rest


def parse_founders(text):
    founders = {}
    for part in text.removeprefix("\ufeff").split("\n"):
        part = part.strip()
        if part and not part.startswith("#"):
            person, thumbprint = part.rsplit(maxsplit=1)
            demand(person not in founders, "a founder is named twice")
            demand(thumbprint not in founders.values(), "two founders have one key")
            demand(len(keys.from_base64url(thumbprint) or b"") == 32, "a thumbprint is none")
            founders[person] = thumbprint
    demand(founders, "no founder is named")
    return founders
