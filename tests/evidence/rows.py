"""How a row is quoted: its members, its place in the ledger, who and when."""


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
