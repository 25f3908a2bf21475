"""Locum's files for one application (the calendar server) and one desk (the tracker)."""

from datetime import date, timedelta
from pathlib import Path

ORIGIN = "ledger.harbour.test.development"
AGENT, OWNER, SECURITY = "tessa@harbour.test", "omar@harbour.test", "rita@harbour.test"
READER_PASSWORD = "locum-only-reads"


def token(person: str) -> str:
    return f"token-of-{person.split('@')[0]}-" + "0123456789abcdef" * 2


def write(folder: Path, *, server: int, gateway: int, address: int, tracker: str, calendar: str, poll: int) -> None:
    """Writes `locum.toml` and what it names; `poll` in seconds."""
    texts = {
        "locum.toml": _SETTINGS.format(server=server, gateway=gateway, tracker=tracker, poll=poll, origin=ORIGIN),
        "desk-password": READER_PASSWORD,
        "tokens.toml": "".join(f'"{token(person)}" = "{person}"\n' for person in (AGENT, OWNER, SECURITY)),
        "catalog/people.toml": _PEOPLE,
        "catalog/eligibility.toml": _ELIGIBILITY,
        "catalog/applications/calendar.toml": _CALENDAR.format(upstream=calendar.rstrip("/"), address=address),
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "policies").mkdir()


_SETTINGS = """\
environment = "development"

[server]
listen = "127.0.0.1:{server}"
public_url = "http://localhost:{server}"

[gateway]
listen = "127.0.0.1:{gateway}"
domain = "act.localhost"

[ledger]
origin = "{origin}"

[login.development]
tokens = "file:tokens.toml"

[connectors.tracker]
kind = "roundup"
url = "{tracker}"
user = "locum"
password = "file:desk-password"
webhook_secret = "env:TRACKER_WEBHOOK_SECRET"
poll_seconds = {poll}

[connectors.tracker.map]
open = ["unread", "chatting", "in-progress"]
"""

_PEOPLE = f"""\
[[person]]
id = "{AGENT}"
name = "Tessa Thorn"
roles = ["support"]
accounts = [{{ system = "tracker", id = "tessa" }}]

[[person]]
id = "{OWNER}"
name = "Omar Oakes"

[[person]]
id = "{SECURITY}"
name = "Rita Rowe"
roles = ["security", "security-control-owner"]
"""

_ELIGIBILITY = f"""\
[[eligibility]]
id = "support-looks-at-calendars"
who = {{ role = "support" }}
applications = ["calendar"]
operations = ["calendar.list", "calendar.download"]
longest_minutes = 60
owner = "{SECURITY}"
certified_until = "{date.today() + timedelta(days=80)}"
"""

_CALENDAR = f"""\
id = "calendar"
name = "Calendars"
tier = "standard"
data = ["personal"]
owner = "{OWNER}"
upstream = "{{upstream}}"
address = "127.0.0.1:{{address}}"
trusted_header = "X-Remote-User"

[[operation]]
id = "calendar.list"
effect = "read"
routes = ["OPTIONS /**", "PROPFIND /**", "REPORT /**"]

[[operation]]
id = "calendar.download"
effect = "read"
routes = ["GET /**"]

[[operation]]
id = "appointment.write"
effect = "write"
routes = ["PUT /**", "DELETE /**", "PROPPATCH /**", "MKCALENDAR /**"]
"""
