"""What was done: the requests at each application, counted, with the ends."""

import crossing
from rows import keep, line

COUNTS = "admitted completed refused cut abandoned failed without_completion bytes_in bytes_out".split()


def none_yet():
    return {**dict.fromkeys(COUNTS, 0), "statuses": {}, "longest_us": 0}


def answer(counts, status, times=1):
    """One more answer with this status."""
    if status is not None:
        counts["statuses"][str(status)] = counts["statuses"].get(str(status), 0) + times


def applications(told, session, rows):
    started = next((row for row in rows if row["body"]["type"] == "session-started"), None)
    works = {}
    for row in rows:
        body = row["body"]
        if body["type"] in ("access-admitted", "access-completed", "access-refused"):
            work = works.setdefault(
                body["application"], {"rows": {}, "refused": {}, "open": {}, "counts": none_yet(), "upstreams": set()}
            )
            count(work, body, row)
    for work in works.values():
        work["counts"]["without_completion"] = len(work["open"])
    told["applications"], told["refused_elsewhere"] = [], []
    total = none_yet()
    for work in works.values():
        for name in COUNTS:
            total[name] += work["counts"][name]
        for status, times in work["counts"]["statuses"].items():
            answer(total, status, times)
        total["longest_us"] = max(total["longest_us"], work["counts"]["longest_us"])
    told["requests"] = total
    here = {}
    if started:
        body = started["body"]["session"]
        told["activation"], told["actor_profile"], told["end_by"] = line(started), body["actor_profile"], body["end_by"]
        for name, it in sorted(body["applications"].items()):
            work = works.pop(name, {"rows": {}, "refused": {}, "counts": none_yet(), "upstreams": ()})
            here[name] = {
                "application": name,
                "subject": it["subject"],
                "operations": sorted(it["operations"]),
                "upstreams": sorted(work["upstreams"]),
                "record": it["record"],
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
        if body["type"] == "session-witnessed" and "witnessed" not in told:
            entries = crossing.witnessed_entries(body["checkpoint"])
            told |= {"witnessed": {**line(row), "entries": entries}} if entries is not None else {}
        elif body["type"] == "session-opened" and application:
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
        answer(counts, body.get("status"))
        counts["longest_us"] = max(counts["longest_us"], body["duration_us"])
        if "upstream" in body:
            work["upstreams"].add(body["upstream"])
        told = work["open"].pop(body["record"], None)
        if told is not None:
            told["outcomes"][body["outcome"]] = told["outcomes"].get(body["outcome"], 0) + 1
            told["outcomes"] = dict(sorted(told["outcomes"].items()))
            answer(told, body.get("status"))
            told["longest_us"] = max(told["longest_us"], body["duration_us"])
        return
    if kind == "access-admitted":
        counts["admitted"] += 1
        names = ("operation", "rule", "object", "method", "template", "path")
        key = tuple(body.get(name) for name in names)
        fresh = {
            **keep(body, *names),
            "count": 0,
            "first": line(row),
            "last": line(row),
            "outcomes": {},
            "statuses": {},
            "longest_us": 0,
        }
        told = work["rows"].setdefault(key, fresh)
        work["open"][body["record"]] = told
    else:
        counts["refused"] += 1
        names = ("operation", "rule", "method", "path")
        key = (body["denial"], *(body.get(name) for name in names))
        fresh = {
            "code": body["denial"],
            **keep(body, *names),
            "count": 0,
            "first": line(row),
            "last": line(row),
        }
        told = work["refused"].setdefault(key, fresh)
    told["count"] += 1
    told["last"] = line(row)
