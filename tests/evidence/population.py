"""Every access event of a period: docs/reference/population.md, written from it alone.

Usage: population.py FILE [--key VKEY-OR-FILE] [--founders FILE]

Prints one JSON object and exits 0, or one sentence on standard error and exits 4.
"""

import datetime
import html
import json
import sys

import archive
import ledger
import verify_pack
from verify_pack import demand

STYLE = "<style>"
SECONDS_BEHIND = 60
COLUMNS = ["Access event", "Filed", "Actor", "Subject", "Case", "Applications", "State", "Session", "Findings"]
LAST_LINE = (
    "Times are UTC. Numbers in brackets are positions in the ledger. Each event's own evidence is in the folder "
    "events, under its id. This page is derived from them and from the ledger's entries in this file: locum evidence "
    "verify makes it again and compares every byte."
)


def moment(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")


def verify(file, trusted, founders):
    files = archive.read(file)
    demand(files is not None, "the file is not a population in its one form")
    names = [name for name, _ in files]
    demand(len(set(names)) == len(names), "a file stands twice")
    demand(names[:1] == ["manifest.json"], "`manifest.json` is not the first file")
    files = dict(files)
    manifest = json.loads(files["manifest.json"])
    demand(manifest["format"] == "locum-population/1", "the manifest is of another format")
    demand(sorted(manifest["files"]) == names[1:], "files are missing, added or out of order")
    for name in names[1:]:
        demand(ledger.sha256(files[name]).hex() == manifest["files"][name], f"`{name}` is altered")
    demand(ledger.canonical(manifest) == files["manifest.json"], "the manifest is not in canonical form")

    vkey = files["keys/ledger.vkey"].decode().rstrip("\n")
    demand(trusted is None or trusted == vkey, f"signed by `{vkey}` and not by the key you gave")
    note = files["checkpoint"].decode()
    size, root = ledger.checkpoint(note, vkey)
    demand(size is not None, "the checkpoint is not signed by the key")

    asked = json.loads(files["population.json"])
    period = {member: asked[member] for member in ("from", "to")}
    only = asked.get("only", {})
    demand(set(only) <= {"application", "actor"}, "a selection is by something else than application and actor")
    start, end = moment(period["from"]), moment(period["to"])
    demand(start < end, "no time lies in the period")
    entries, leaves, parts = ranged(files, size, root)
    filings, last, newest = heard(entries, leaves, size, start, end)

    told = []
    for event, position in filings:
        name = f"events/{event}.zip"
        if name not in files:
            demand(only, f"the population is not complete: event {event} was filed in the period, as entry {position}, "
                   "and its pack is missing")
            continue
        pack = files[name]
        demand(dict(archive.read(pack) or []).get("checkpoint") == note.encode(), f"event {event}: another checkpoint")
        answer = verify_pack.verify(pack, vkey, founders)
        demand(answer["event"] == event, f"the pack of event {event} is of another")
        story = json.loads(dict(archive.read(pack))["access-event.json"])
        own = answer["own_entries"]
        demand(own >= last[event], f"the pack of event {event} does not tell all of it")
        demand(only.get("application", "") in story["scope"] or "application" not in only, f"{event} is not selected")
        demand(only.get("actor", story["actor"]) == story["actor"], f"{event} is not selected")
        told.append(line(event, entries[position]["at"], position, story, own))

    population = dict(period)
    if only:
        population["only"] = {key: only[key] for key in ("application", "actor") if key in only}
    population["filed"] = len(filings)
    population["range"] = {"first": min(entries), "end": max(entries) + 1, "until": newest}
    population["events"] = told
    made = {"keys/ledger.vkey": f"{vkey}\n".encode()}
    made |= {"population.json": (json.dumps(population, indent=2, ensure_ascii=False) + "\n").encode()}
    style = files["index.html"].decode().split("<style>", 1)[1].split("</style>", 1)[0]
    demand(ledger.sha256(style.encode()).hex() == verify_pack.STYLE_DIGEST, "the index has another style")
    made["index.html"] = page(population, style).encode()
    for name, content in made.items():
        demand(files[name] == content, f"`{name}` does not follow from the entries")
    expected = parts | made.keys() | {"checkpoint", "keys/ledger.vkey"}
    expected |= {f"events/{it['event']}.zip" for it in told}
    demand(set(names[1:]) == expected, f"files are missing or added: {sorted(set(names[1:]) ^ expected)}")
    demand(archive.write([(name, files[name]) for name in names]) == file, "the archive has another form")
    counted = f"population complete: {len(told)} of {len(filings)}"
    if only:
        counted = f"a selection, not the population: {len(told)} of the {len(filings)}"
    return {"sentence": counted, "filed": len(filings), "events": [it["event"] for it in told]}


def ranged(files, size, root):
    """The entries of the range by position, their leaf hashes, and the names of their files."""
    bundles = sorted(name for name in files if name.startswith("entries/"))
    numbers = sorted(place[1] for place in ledger.needed_places(size, bundles).values())
    demand(numbers == list(range(numbers[0], numbers[-1] + 1)), "a bundle is missing") if numbers else None
    needed = ledger.needed(size, [256 * number for number in numbers])
    for name in needed:
        demand(name in files, f"`{name}` is missing")
    tiles, entries = ledger.tiles(size, {name: files[name] for name in needed})
    demand(tiles is not None, "an entry bundle or tile does not have its form")
    demand(ledger.leads_to(tiles, size, root), "the tiles do not lead to the checkpoint's root")
    return entries, tiles, set(needed)


def heard(entries, leaves, size, start, end):
    """The filings of the period, how far each event went, and the newest time of the range."""
    lag = datetime.timedelta(seconds=SECONDS_BEHIND)
    first = min(entries)
    newest, begins, filings, last, before = None, first == 0, [], {}, {}
    for position in sorted(entries):
        entry = entries[position]
        at = moment(entry["at"])
        if "event" in entry:
            event, nth = entry["event"], entry["nth"]
            if event in before:
                follows = (nth, entry.get("previous")) == (before[event][0] + 1, before[event][1])
            else:
                follows = first > 0 or nth == 1
            demand(follows, f"entry {position} does not follow from the entry of its access event before it")
            before[event] = (nth, leaves[0, position // 256][position % 256].hex())
            last[event] = nth
            if nth == 1:
                demand(newest is None or at + lag >= moment(newest), f"entry {position} is filed out of its time")
                begins = begins or at + lag < start
                if start <= at < end:
                    filings.append((event, position))
        newest = entry["at"] if newest is None else max(newest, entry["at"])
    demand(begins, "the ledger's entries in it begin too late to show every filing of the period")
    reaches = max(entries) + 1 >= size or moment(newest) >= end + lag
    demand(reaches, "the ledger's entries in it end too early to show every filing of the period")
    return filings, last, newest


def line(event, at, position, story, own):
    told = {"event": event, "position": position, "at": at}
    for member in ("requester", "actor", "subject"):
        told[member] = story[member]
    if "tenant" in story:
        told["tenant"] = story["tenant"]
    told["case"] = story["case"]["reference"]
    told["applications"] = list(story["scope"])
    told["break_glass"] = story["break_glass"]
    told["state"] = story["state"]
    for member, source in (("activated", "activation"), ("ended", "ended")):
        if source in story:
            told[member] = story[source]
    told["entries"] = own
    told["findings"] = [finding["code"] for finding in story["findings"]]
    return told


def escaped(text):
    return html.escape(str(text), quote=False).replace('"', "&quot;")


def page(told, style):
    only = told.get("only")
    title = "A selection of access events" if only else "Access events of a period"
    count = len(told["events"])
    period = f"filed from {told['from']} until before {told['to']}"
    if only:
        limits = ", ".join(f"{name} {value}" for name, value in only.items())
        first = f"{count} of the {told['filed']} access events that were {period}: those of {limits}. Whether others fit "
        first += "cannot be seen here."
    else:
        first = f"{count} access events were {period}."
    span = told["range"]
    first += f" Each is told as far as the ledger's entries {span['first']} to {span['end'] - 1} go, until {span['until']}."
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    body = "".join("<tr>" + "".join(f"<td>{escaped(cell)}</td>" for cell in cells(it)) + "</tr>" for it in told["events"])
    table = f"<div><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    if not told["events"]:
        table = "<p>None.</p>"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">'
        f"<title>{title}</title><style>{style}</style></head><body><main><h1>{title}</h1><p>{escaped(first)}</p>"
        f"<section><h2>Events</h2>{table}</section><footer><p>{LAST_LINE}</p></footer></main></body></html>\n"
    )


def cells(it):
    session = "none"
    if "activated" in it:
        began = it["activated"]["at"]
        session = f"{began} until {it['ended']['at']}" if "ended" in it else f"since {began}"
    return [
        it["event"],
        f"{it['at']} [{it['position']}]",
        it["actor"],
        it["subject"],
        it["case"],
        ", ".join(it["applications"]),
        it["state"] + (", an emergency" if it["break_glass"] else ""),
        session,
        ", ".join(it["findings"]),
    ]


if __name__ == "__main__":
    sys.exit(verify_pack.run(verify, __doc__))
