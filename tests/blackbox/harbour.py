"""The files of a small company: other people, applications and a desk than the example's."""

import base64
import json
from datetime import date, timedelta
from pathlib import Path

from . import ed25519
from .case_desk import KEY

#: Person -> what they are. Everybody has a bearer token of their own in `tokens()`.
PEOPLE = {
    "iris@harbour.example": "support",
    "tom@harbour.example": "support, of no chain of approval",
    "ned@harbour.example": "owner of parcels",
    "greta@harbour.example": "owner of payroll",
    "sol@harbour.example": "security",
    "pia@harbour.example": "privacy, reviewer of payroll",
    "max@harbour.example": "manager",
    "ava@harbour.example": "auditor",
}
#: The secret seed of the key by which the agent aida signs in.
AGENT_SEED = bytes(range(32, 64))
ORIGIN = "ledger.harbour.example.development"
DOMAIN = "act.localhost"


def token(person: str) -> str:
    return f"token-of-{person.split('@')[0]}-" + "0123456789abcdef" * 2


def agent_jwk() -> dict[str, str]:
    x = base64.urlsafe_b64encode(ed25519.public_key(AGENT_SEED)).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "aida-1"}


def files(
    server: int, gateway: int, address: int, parcels: int, accounts: int, payroll: int, desk: int
) -> dict[str, str]:
    """Every file by its path. The arguments are ports; `accounts` is where parcels tells who its subjects are."""
    return {
        "locum.toml": _settings(server, gateway, desk),
        "secrets/desk-key": KEY,
        "secrets/tokens.toml": "".join(f'"{token(person)}" = "{person}"\n' for person in PEOPLE),
        "secrets/payroll-subjects.toml": _SUBJECTS,
        "files/keys/aida.jwk": json.dumps(agent_jwk()),
        "files/people.toml": _PEOPLE,
        "files/chains.toml": _CHAINS,
        "files/eligibility.toml": _ELIGIBILITY.format(until=date.today() + timedelta(days=80)),
        "files/applications/parcels.toml": _PARCELS.format(upstream=parcels, accounts=accounts, address=address),
        "files/applications/payroll.toml": _PAYROLL.format(upstream=payroll),
        "rules/quay.cedar": _RULES,
    }


def write(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _settings(server: int, gateway: int, desk: int) -> str:
    return f"""\
environment = "development"

[server]
listen = "127.0.0.1:{server}"
public_url = "http://localhost:{server}"

[gateway]
listen = "127.0.0.1:{gateway}"
domain = "{DOMAIN}"

[store]
url = "sqlite:harbour.db"

[catalog]
directory = "files"

[policies]
directory = "rules"
time_zone = "UTC"

[ledger]
origin = "{ORIGIN}"
key = "file:keys/ledger.key"

[login.development]
tokens = "file:secrets/tokens.toml"

[approvals]
signature = "optional"

[budgets]
open_requests = 200
live_sessions = 200
subjects_per_day = 200

[connectors.quay]
kind = "generic"
url = "http://127.0.0.1:{desk}/desk/case/{{id}}"
auth_header = "X-Desk-Key"
auth_value = "file:secrets/desk-key"
id_pattern = "[0-9]{{1,6}}"
webhook_secret = "env:HARBOUR_WEBHOOK_SECRET"
webhook_id = "/case/number"
webhook_state = "/case/status"
poll_seconds = 2
grace_seconds = 4

[connectors.quay.map]
state = "/case/status"
open = ["new", "working"]
id = "/case/number"
assignee = "/case/agent"
title = "/case/subject_line"
opened_at = "/case/opened"
opened_by = "/case/reporter/account"
priority = "/case/severity"
subject = "/case/reporter/account"
tenant = "/case/reporter/company"
"""


_PEOPLE = """\
[[person]]
id = "iris@harbour.example"
name = "Iris Ivers"
manager = "max@harbour.example"
roles = ["support"]
accounts = [{ system = "quay", id = "i.ivers" }]

[[person]]
id = "tom@harbour.example"
name = "Tom Tully"
manager = "max@harbour.example"
roles = ["support"]

[[person]]
id = "ned@harbour.example"
name = "Ned Noble"

[[person]]
id = "greta@harbour.example"
name = "Greta Gale"

[[person]]
id = "sol@harbour.example"
name = "Sol Sears"
roles = ["security", "security-control-owner"]

[[person]]
id = "pia@harbour.example"
name = "Pia Price"
roles = ["privacy"]

[[person]]
id = "max@harbour.example"
name = "Max Moor"
roles = ["manager"]

[[person]]
id = "ava@harbour.example"
name = "Ava Ames"
roles = ["auditor"]

[[agent]]
id = "aida"
name = "Aida"
kind = "ai_agent"
sponsor = "max@harbour.example"
public_key = "file:keys/aida.jwk"
accounts = [{ system = "quay", id = "aida" }]

[[vendor]]
id = "ferry"
name = "Ferry Contractors"
sponsor = "fay@ferry.example"

[[person]]
id = "fay@ferry.example"
name = "Fay Ford"
employer = "ferry"
"""

_CHAINS = """\
[[chain]]
id = "quayside"
accountable_owner = "max@harbour.example"
successor = "sol@harbour.example"
vendors = ["ferry"]
queues = ["front"]
regions = ["north"]
"""

_ELIGIBILITY = """\
[[eligibility]]
id = "support-looks"
who = {{ role = "support" }}
applications = ["parcels", "payroll"]
operations = ["parcel.read", "track.read", "slip.read", "year.read"]
longest_minutes = 45
owner = "sol@harbour.example"
certified_until = "{until}"

[[eligibility]]
id = "aida-looks"
who = {{ agent = "aida" }}
applications = ["parcels"]
operations = ["parcel.read"]
longest_minutes = 15
owner = "sol@harbour.example"
certified_until = "{until}"

[[eligibility]]
id = "iris-labels"
who = {{ person = "iris@harbour.example" }}
applications = ["parcels"]
operations = ["parcel.label"]
longest_minutes = 20
owner = "ned@harbour.example"
certified_until = "{until}"
"""

_PARCELS = """\
id = "parcels"
name = "Parcels"
tier = "standard"
data = ["personal"]
owner = "ned@harbour.example"
upstream = "http://127.0.0.1:{upstream}"
address = "127.0.0.1:{address}"
trusted_header = "X-Remote-User"

[subjects]
source = "http"
url = "http://127.0.0.1:{accounts}/accounts/{{subject}}"
id = "/login"
tenant = "/company"
attributes = {{ rank = "/rank" }}

[[protected_subject]]
attribute = "rank"
values = ["captain"]

[[operation]]
id = "parcel.read"
effect = "read"
routes = ["GET /parcels", "GET /parcels/*"]
object = "parcel:{{1}}"

[[operation]]
id = "track.read"
effect = "read"
routes = ["GET /stream/**"]

[[operation]]
id = "parcel.label"
effect = "write"
routes = ["POST /parcels/*/label"]
object = "parcel:{{1}}"

[[operation]]
id = "key.create"
effect = "mint"
closed = "api-keys"
routes = ["POST /keys"]
"""

_PAYROLL = """\
id = "payroll"
name = "Payroll"
tier = "regulated"
data = ["hr", "personal"]
owner = "greta@harbour.example"
reviewer = "pia@harbour.example"
upstream = "http://127.0.0.1:{upstream}"
record = "before"

[assertion]
audience = "app:payroll-of-harbour"

[subjects]
source = "file"
file = "../../secrets/payroll-subjects.toml"

[[operation]]
id = "page"
effect = "asset"
routes = ["GET /assets/**"]

[[operation]]
id = "slip.read"
effect = "read"
routes = ["GET /slips", "GET /slips/*"]
object = "slip:{{1}}"

[[operation]]
id = "year.read"
effect = "read"
routes = ["GET /stream/**"]

[[operation]]
id = "slip.correct"
effect = "write"
routes = ["PATCH /slips/*"]

[[operation]]
id = "payout.create"
effect = "write"
closed = "money"
routes = ["POST /payouts"]
"""

_SUBJECTS = """\
[[subject]]
case_subject = "c-31"
id = "carla"
tenant = "lighthouse"
attributes = { rank = "clerk" }

[[subject]]
case_subject = "c-32"
id = "conrad"
tenant = "elsewhere"
attributes = { rank = "clerk" }
"""

_RULES = """\
@id("no-ferry-in-payroll")
forbid (
  principal in Locum::Vendor::"ferry",
  action == Locum::Action::"file",
  resource == Locum::Application::"payroll"
);
"""

#: What parcels says of its own accounts.
PARCEL_ACCOUNTS = {
    "c-31": {"login": "p-carla", "company": "lighthouse", "rank": "clerk"},
    "c-33": {"login": "p-cecil", "company": "lighthouse", "rank": "captain"},
}
