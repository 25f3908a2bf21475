"""How a row is quoted: its members, its place in the ledger, who and when."""

import datetime


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


def nanoseconds(at):
    """A time as a number that can be compared and subtracted."""
    whole, _, fraction = at.rstrip("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return int(seconds) * 10**9 + int(f"{fraction:0<9}")
