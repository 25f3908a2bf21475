"""What deciding again stands on: the rules' texts and digests, and the facts. This verifier has no Cedar and decides
nothing; it shows that the texts are those that were applied, and that each decision names the rules in force."""

import ledger

DECISIONS = {
    "request-filed": "filing",
    "request-approved": "approval",
    "offer-made": "offer",
    "offer-accepted": "acceptance",
    "request-countersigned": "countersignature",
    "request-activated": "activation",
}
SCHEMA = "locum.cedarschema"


def digest(rules):
    return ledger.sha256(b"locum-rules/v1\n" + ledger.canonical(rules)).hex()


def named(rows):
    """The digests of the rules that decisions name."""
    return {row["body"]["facts"]["rules"] for row in rows if row["body"]["type"] == "facts-read"}


def files(row):
    """The files that an entry is given again as."""
    body, position = row["body"], row["position"]
    if body["type"] == "facts-read":
        return {f"decisions/{position}.json": ledger.canonical(body["facts"])}
    if body["type"] != "rules-in-force":
        return {}
    rules = body["rules"]
    built_in = [(name, rules["built_in"][name]) for name in sorted(rules["built_in"]) if name != SCHEMA]
    texts = built_in + [(name, rules["policies"][name]) for name in sorted(rules["policies"])]
    text = "".join(f"// {ledger.canonical(name).decode()}\n{policies}\n" for name, policies in texts)
    schema = rules["built_in"].get(SCHEMA, "")
    return {f"policy/{position}.cedar": text.encode(), f"policy/{position}.cedarschema": schema.encode()}


def fault(rules):
    """Why the texts are not those that were applied, if they are not."""
    both = {"files": rules["files"], "settings": rules["settings"]}
    if ledger.sha256(ledger.canonical(both)).hex() != rules["applied"]:
        return "the digests of the files do not make the digest that was applied"
    for name, text in rules["policies"].items():
        if rules["files"].get(name) != ledger.sha256(text.encode()).hex():
            return f"the text of `{name}` does not have the digest that was applied"
    for name in rules["files"]:
        below = name.removeprefix("policies/")
        if below != name and below.endswith(".cedar") and "/" not in below and name not in rules["policies"]:
            return f"the text of `{name}` was applied and is not among the rules"
    return None


def difference(rows):
    """How many decisions have facts, and the first thing in which rules and facts do not fit together."""
    in_force, pending, with_facts = None, {}, 0
    for row in rows:
        body = row["body"]
        kind = body["type"]
        if kind == "rules-in-force":
            in_force = row
        elif kind in DECISIONS:
            request = body["request"]["id"] if kind == "request-filed" else body["request"]
            pending[request] = (row, DECISIONS[kind], in_force)
        elif kind == "facts-read":
            decided, made, rules = pending.pop(body["request"], (None, None, None))
            facts = body["facts"]
            if facts["decision"] != made:
                continue
            with_facts += 1
            wrong = unfit(facts, rules)
            if wrong is not None:
                return with_facts, f"entry {decided['position']}: {wrong}"
    return with_facts, None


def unfit(facts, in_force):
    if in_force is None:
        return "the rules that were in force are not in the pack"
    rules = in_force["body"]["rules"]
    if digest(rules) != facts["rules"]:
        return f"it stands on other rules than those that entry {in_force['position']} put in force"
    if fault(rules) is not None:
        return f"the rules it stands on are not those that were applied: {fault(rules)}"
    for name, application in facts["catalog"]["applications"].items():
        bare = {member: value for member, value in application.items() if member != "operations"}
        if rules["applications"].get(name) != ledger.sha256(ledger.canonical(bare)).hex():
            return f"`{name}` is not what the rules in force say of it"
    return None
