"""A support agent acts as a customer in software nobody here wrote, until the customer's issue is resolved."""

import time
from datetime import datetime, timezone

import caldav

from tests.blackbox.checks import Checks
from tests.blackbox.download import Download
from tests.blackbox.locum_process import LocumProcess, Person, Session, session_of
from tests.blackbox.note import verifier_key
from tests.blackbox.processes import http

from . import company
from .calendar_server import CALENDAR, Radicale
from .desk import Roundup

CUSTOMER = "carol"
SLOW_READER_BUFFER = 4096
#: What the kernel may still hold of a cut download: the gateway's part, and this reader's own buffer.
MOST_AFTER_THE_CUT = 64 * 1024 + 64 * 1024


def play(locum: LocumProcess, roundup: Roundup, radicale: Radicale, checks: Checks, cut_within: float) -> None:
    """`cut_within` in seconds, from the moment somebody resolves the issue."""
    agent = Person(locum.url, company.token(company.AGENT))
    issue = roundup.create_issue(CUSTOMER, "My calendar shows appointments twice", "tessa")
    session = ask_and_approve(locum, checks, agent, issue)
    exchanged = locum.exchange(session, "app:calendar", agent.token or "")
    if not checks.that("the agent's program gets a token", exchanged.status == 200, exchanged.text):
        return
    bearer = {"Authorization": f"Bearer {exchanged.json()['access_token']}"}
    base = session.base_urls["calendar"]
    read_with_a_stock_client(checks, base, bearer)
    try_to_write(checks, radicale, base, bearer)
    resolve_during_a_download(roundup, checks, issue, base, bearer, cut_within)
    prove(locum, checks, agent, session)


def ask_and_approve(locum: LocumProcess, checks: Checks, agent: Person, issue: str) -> Session:
    body = {
        "case": f"tracker:{issue}",
        "reason": "The customer sees every appointment twice and asks us to look at the calendar with their eyes.",
        "applications": [{"application": "calendar", "operations": ["calendar.list", "calendar.download"]}],
        "duration_minutes": 30,
    }
    filed = agent.post("/api/v1/requests", body)
    checks.that("the agent asks to act as whoever created the issue", filed.status == 201, filed.text)
    request = filed.json()
    approvers = [step["approvers"] for step in request["route"]]
    checks.that("the application's owner decides", approvers == [[company.OWNER]], approvers)
    approved = locum.approve_all(request, company.token)
    checks.that("and approves", approved["state"] == "approved", approved)
    activated = agent.post(f"/api/v1/requests/{request['id']}/activate")
    checks.that("the agent activates", activated.status == 201, activated.text)
    return session_of(activated.json())


def read_with_a_stock_client(checks: Checks, base: str, bearer: dict[str, str]) -> None:
    client = caldav.DAVClient(url=base, headers=bearer)
    calendars = client.principal().calendars()
    names = [str(calendar.url) for calendar in calendars]
    checks.that("a stock CalDAV client finds the customer's calendar",
                names == [f"{base}{CUSTOMER}/{CALENDAR}/"], names)  # fmt: skip
    start, end = datetime(2026, 3, 2, 9, tzinfo=timezone.utc), datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    found = calendars[0].search(start=start, end=end, event=True)
    checks.that("and reads the appointments of a morning", len(found) == 3, len(found))


def try_to_write(checks: Checks, radicale: Radicale, base: str, bearer: dict[str, str]) -> None:
    path = f"{CUSTOMER}/{CALENDAR}/forged.ics"
    appointment = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"
    answer = http("PUT", base + path, {**bearer, "Content-Type": "text/calendar"}, appointment)
    checks.refused("writing is refused", answer, 403, "out-of-scope")
    checks.that("and nothing was written", radicale.as_person(CUSTOMER, "GET", path).status == 404)
    forged = {**bearer, "X-Remote-User": "omar", "X_Remote_User": "omar", "Depth": "0"}
    seen = http("PROPFIND", f"{base}{CUSTOMER}/", forged)
    checks.that("a forged identity changes nothing", seen.status == 207, f"{seen.status} {seen.text}")
    stranger = http("PROPFIND", f"{base}omar/", {**bearer, "Depth": "0"})
    checks.that("another person's calendar stays the application's to refuse", stranger.status in (403, 404),
                stranger.text)  # fmt: skip


def resolve_during_a_download(
    roundup: Roundup, checks: Checks, issue: str, base: str, bearer: dict[str, str], cut_within: float
) -> None:
    download = Download(f"{base}{CUSTOMER}/{CALENDAR}/", bearer, SLOW_READER_BUFFER)
    while download.received < 50_000:
        download.read_some()
    checks.that("a long download runs, read slowly", download.status == 200, download.first[:200])
    began = time.monotonic()
    roundup.set_status("tessa", issue, "resolved")
    while _is_let_in(base, bearer) and time.monotonic() - began < 3 * cut_within:
        time.sleep(0.05)
    seconds, before = time.monotonic() - began, download.received
    ending = download.read_to_end()
    rest = download.received - before
    checks.that(f"it is reset, and {seconds:.2f} s after somebody resolves the issue nothing is let in (at most {cut_within})",
                ending == "reset" and seconds <= cut_within, f"{ending} after {seconds:.2f} s")  # fmt: skip
    checks.that(f"a reader that had stopped reading gets {rest:,} bytes more, of 12 million",
                rest <= MOST_AFTER_THE_CUT, rest)  # fmt: skip
    after = http("GET", f"{base}{CUSTOMER}/{CALENDAR}/", bearer)
    checks.refused("the next request is refused", after, 401, "session-ended")
    checks.that("with the reason", "case-closed" in after.text, after.text)


def _is_let_in(base: str, bearer: dict[str, str]) -> bool:
    try:
        return http("PROPFIND", f"{base}{CUSTOMER}/", {**bearer, "Depth": "0"}).status != 401
    except ConnectionResetError:
        # This one was in flight.
        return False


def prove(locum: LocumProcess, checks: Checks, agent: Person, session: Session) -> None:
    event = agent.get(f"/api/v1/events/{session.event}")
    for word in (
        CUSTOMER,
        company.AGENT,
        company.OWNER,
        "calendar.list",
        "calendar.download",
        "out-of-scope",
        "case-closed",
    ):
        checks.that(f"the access event tells of {word}", word in event.text, event.text)
    pack = locum.folder / "pack.zip"
    pack.write_bytes(agent.get(f"/api/v1/events/{session.event}/evidence").body)
    key = verifier_key(company.ORIGIN, locum.folder / "keys" / "ledger.key")
    verdict = locum.locum("evidence", "verify", str(pack), "--key", key)
    checks.that("the evidence verifies offline", verdict.returncode == 0, verdict.stdout + verdict.stderr)
    whole = locum.locum("ledger", "verify", "--config", str(locum.config))
    checks.that("and so does the whole record", whole.returncode == 0, whole.stdout + whole.stderr)
