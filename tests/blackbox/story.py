"""The main story: ask, approve, act, the case closes, cut, prove."""

import base64
import json
import subprocess
import sys
import time
from pathlib import Path

from . import harbour
from .assertion import verified
from .checks import Checks
from .download import Download
from .locum_process import ROOT, Session, session_of
from .locum_world import World
from .note import is_signed_by, size, verifier_key
from .processes import http

ASKED = {"payroll": ["slip.read", "year.read"]}
AUDIENCE = "app:payroll-of-harbour"


def play(world: World, checks: Checks) -> None:
    request = ask(world, checks)
    session = approve_and_activate(world, checks, request)
    cookie = enter(world, checks, session)
    act(world, checks, session, cookie)
    as_a_program(world, checks, session)
    close_the_case(world, checks, session, cookie)
    prove(world, checks, session)
    review(world, checks, session)


def ask(world: World, checks: Checks) -> dict:
    checks.chapter("A support person asks to act as a customer in payroll")
    iris, body = world.person("iris"), world.request_body(ASKED)
    checks.refused("nobody without a token may ask", world.nobody().post("/api/v1/requests", body), 401, None)

    preview = iris.post("/api/v1/requests/preview", body)
    authorities = {step["authority"] for step in preview.json().get("route", [])}
    expected = {"application-owner", "security-or-privacy-or-compliance"}
    checks.that(
        "a preview shows the route: the owner, and security, privacy or compliance",
        authorities == expected,
        preview.text,
    )
    before = iris.get("/api/v1/requests?state=pending").text
    checks.that("a preview files nothing", "req_" not in before, before)

    filed = iris.post("/api/v1/requests", body)
    request = filed.json()
    checks.that("the request is filed and pending", filed.status == 201 and request["state"] == "pending", filed.text)
    checks.that(
        "it has a prefixed id and a digest of 64 hexadecimal digits",
        request["id"].startswith("req_") and _is_digest(request["scope_digest"]),
        filed.text,
    )
    approvers = {person for step in request["route"] for person in step["approvers"]}
    checks.that(
        "every step names its approvers and the rule that demanded it, and none of them is the requester",
        "iris@harbour.example" not in approvers
        and all(step["approvers"] and step["rule"] for step in request["route"]),
        filed.text,
    )
    return request


def _is_digest(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def approve_and_activate(world: World, checks: Checks, request: dict) -> Session:
    checks.chapter("Named people decide")
    path = f"/api/v1/requests/{request['id']}"
    shown = {"scope_digest": request["scope_digest"]}
    iris, greta, sol, tom = (world.person(name) for name in ("iris", "greta", "sol", "tom"))
    checks.refused("nobody approves their own request", iris.post(f"{path}/approve", shown), 403, "self-approval")
    checks.refused("a bystander may not decide", tom.post(f"{path}/approve", shown), 403, "not-an-approver")
    checks.refused("and does not see the request", tom.get(path), 404, None)
    checks.refused(
        "an approval of something else than what is shown is stale",
        greta.post(f"{path}/approve", {"scope_digest": "0" * 64}),
        409,
        "stale-approval",
    )
    checks.refused("activation waits for the approvals", iris.post(f"{path}/activate"), 403, "missing-approval")

    first = greta.post(f"{path}/approve", {**shown, "note": "Slips of one customer, reading only."})
    checks.that(
        "the owner approves and the request still waits",
        first.status == 200 and first.json()["state"] == "pending",
        first.text,
    )
    checks.that("a decision does not change the digest", first.json()["scope_digest"] == request["scope_digest"])
    checks.refused("one person decides once", greta.post(f"{path}/approve", shown), 409, "already-decided")
    second = sol.post(f"{path}/approve", shown)
    checks.that(
        "security approves and the request is approved",
        second.status == 200 and second.json()["state"] == "approved",
        second.text,
    )
    checks.that("access does not exist before activation", "ses_" not in iris.get("/api/v1/sessions?state=live").text)

    checks.refused("only the requester may activate", tom.post(f"{path}/activate"), (403, 404), None)
    activated = iris.post(f"{path}/activate")
    checks.that(
        "the requester activates", activated.status == 201 and activated.json()["id"].startswith("ses_"), activated.text
    )
    checks.refused("one grant, one activation", iris.post(f"{path}/activate"), 409, "already-decided")
    return session_of(activated.json())


def enter(world: World, checks: Checks, session: Session) -> dict[str, str]:
    checks.chapter("The requester enters payroll")
    base = session.base_urls["payroll"]
    checks.that(
        "the application has a host of its own", base == f"http://payroll.{harbour.DOMAIN}:{world.gateway_port}/", base
    )
    opened = http("GET", session.open_urls["payroll"])
    cookie = opened.headers.get("Set-Cookie", "")
    checks.that(
        "the opening address sets the gateway's cookie, out of scripts' reach",
        opened.status in (200, 303)
        and cookie.startswith("locum=")
        and "HttpOnly" in cookie
        and "SameSite=Lax" in cookie
        and "Secure" not in cookie,
        f"{opened.status} {cookie}",
    )
    again = http("GET", session.open_urls["payroll"])
    checks.refused("the opening address works once", again, 401, "session-ended")
    checks.that(
        "and then sets no session",
        not again.headers.get("Set-Cookie", "").startswith("locum=ey") and not _sets_session(again),
        again.headers,
    )
    return {"Cookie": cookie.split(";")[0]}


def _sets_session(answer) -> bool:
    cookies = answer.headers.get_all("Set-Cookie") or []
    return any(one.startswith("locum=") and one[6:7] not in ("", ";") and "Max-Age=0" not in one for one in cookies)


def act(world: World, checks: Checks, session: Session, cookie: dict[str, str]) -> None:
    checks.chapter("Every request is checked, recorded, and made as the subject")
    base = session.base_urls["payroll"]
    forged = {"X-Remote-User": "root", "X_Remote_User": "root", "Locum-Assertion": "forged", "Locum-Request": "forged"}
    read = http("GET", base + "slips/41?page=2", {**cookie, **forged})
    checks.that("an operation in scope answers", read.status == 200, f"{read.status} {read.text}")
    checks.that("nothing of it may be kept", "no-store" in read.headers.get("Cache-Control", ""), read.headers)
    shown = read.headers.get("Locum-Session", "")
    checks.that(
        "the answer says who acts as whom",
        all(part in shown for part in (session.id, "carla", "iris@harbour.example")),
        shown,
    )
    checks.that(
        "the subject's own cookie stays in the gateway", "secret-of-the-subject" not in str(read.headers), read.headers
    )
    received = world.payroll.headers_of("/slips/41?page=2")
    _judge_assertion(world, checks, session, received)

    checks.refused(
        "a closed operation stays closed", http("POST", base + "payouts", cookie, b"{}"), 403, "closed-operation"
    )
    checks.refused(
        "an operation nobody approved is out of scope",
        http("PATCH", base + "slips/41", cookie, b"{}"),
        403,
        "out-of-scope",
    )
    checks.refused(
        "a route nobody declared is refused", http("GET", base + "accounts-of-all", cookie), 403, "unclassified-route"
    )
    for path in "slips/%2e%2e/payouts", "slips/..%2fpayouts", "slips/41;/../payouts", "slips/a%5c..%5cb", "slips/%00":
        checks.refused(
            f"a path with tricks is not forwarded ({path})", http("GET", base + path, cookie), (400, 403), None
        )
    seen = [one["path"] for one in world.payroll.received]
    checks.that("the application received nothing of what was refused", seen == ["/slips/41?page=2"], seen)
    again = http("GET", base + "slips/42", cookie)
    second = world.payroll.headers_of("/slips/42")
    checks.that(
        "the application's cookie is sent back to it from the jar",
        again.status == 200 and second.get("cookie") == ["inside=secret-of-the-subject"],
        second,
    )


def _judge_assertion(world: World, checks: Checks, session: Session, received: dict[str, list[str]]) -> None:
    tokens = received.get("locum-assertion", [])
    told = verified(world.url, tokens[0]) if len(tokens) == 1 else None
    if not checks.that("the application gets one assertion, signed by a published key", told, received):
        return
    header, claims = told
    locum = claims.get("https://locum.dev/claims", {})
    checks.that("it is of the declared type", header.get("typ") == "locum-assertion+jwt", header)
    checks.that(
        "it is for this application alone and names subject and actor",
        claims["aud"] == AUDIENCE and claims["sub"] == "carla" and claims["act"]["sub"] == "iris@harbour.example",
        claims,
    )
    checks.that(
        "it names session, access event, case and grant",
        claims["sid"] == session.id
        and claims["txn"] == session.event
        and locum["case"] == "quay:31"
        and locum["grant"],
        claims,
    )
    checks.that(
        "it lives a minute at most, and says nothing about how the subject signed in",
        claims["exp"] - claims["iat"] <= 60 and not {"amr", "acr", "auth_time"} & claims.keys(),
        claims,
    )
    names = {name for name in received if name.replace("_", "-") in ("x-remote-user", "locum-request")}
    checks.that(
        "what the client forged is gone",
        names == {"locum-request"} and received["locum-request"] != ["forged"],
        received,
    )


def as_a_program(world: World, checks: Checks, session: Session) -> None:
    checks.chapter("A program acts under the same grant")
    answer = world.exchange(session, AUDIENCE, harbour.token("iris@harbour.example"))
    token = answer.json().get("access_token", "") if answer.status == 200 else ""
    checks.that(
        "the grant is exchanged for a short-lived token (RFC 8693)",
        token
        and answer.json().get("expires_in", 999) <= 300
        and answer.json().get("token_type") in ("Bearer", "bearer"),
        answer.text,
    )
    bearer = {"Authorization": f"Bearer {token}"}
    base = session.base_urls["payroll"]
    read = http("GET", base + "slips/43", bearer)
    checks.that("it reads in the application", read.status == 200, f"{read.status} {read.text}")
    checks.that("the token itself goes no further", "authorization" not in world.payroll.headers_of("/slips/43"))
    other = http("GET", world.parcels_address + "parcels/7", bearer)
    checks.refused("it works in no other application", other, (401, 403), None)
    stranger = world.exchange(session, AUDIENCE, harbour.token("tom@harbour.example"))
    checks.that("somebody else cannot exchange it", stranger.status in (400, 401, 403), stranger.text)
    elsewhere = world.exchange(session, "app:parcels", harbour.token("iris@harbour.example"))
    checks.that(
        "it is exchanged for no application outside the grant",
        elsewhere.status == 400 and elsewhere.json()["error"] in ("invalid_target", "invalid_request"),
        elsewhere.text,
    )


def close_the_case(world: World, checks: Checks, session: Session, cookie: dict[str, str]) -> None:
    checks.chapter("The case closes while a download runs")
    base = session.base_urls["payroll"]
    download = Download(base + "stream/2025", cookie)
    while download.received < 20_000:
        download.read_some()
    checks.that("the download runs", download.status == 200, download.first)
    world.desk.close("31")
    started = time.monotonic()
    told = world.desk.webhook(world.hook, "31", "done")
    ending = download.read_to_end()
    seconds = time.monotonic() - started
    checks.that("the desk's signed webhook is taken", told.status in (200, 202, 204), f"{told.status} {told.text}")
    checks.that(
        f"the download is reset, not closed ({seconds * 1000:.0f} ms after the webhook was sent)",
        ending == "reset" and seconds < 2,
        f"{ending} after {seconds:.2f} s",
    )
    time.sleep(0.3)
    checks.that("the application's side is aborted too", world.payroll.aborted == 1, world.payroll.aborted)
    after = http("GET", base + "slips/41", cookie)
    checks.refused("the next request is refused", after, 401, "session-ended")
    checks.that(
        "with the reason, and the standard's challenge",
        "case-closed" in after.text and 'error="invalid_token"' in after.headers.get("WWW-Authenticate", ""),
        f"{after.headers} {after.text}",
    )
    exchanged = world.exchange(session, AUDIENCE, harbour.token("iris@harbour.example"))
    checks.that("the grant is worth nothing any more", exchanged.status in (400, 401, 403), exchanged.text)


def prove(world: World, checks: Checks, session: Session) -> None:
    checks.chapter("What happened can be proved to somebody who trusts nobody")
    event = world.person("iris").get(f"/api/v1/events/{session.event}")
    for word in (
        "iris@harbour.example",
        "greta@harbour.example",
        "sol@harbour.example",
        "slip:41",
        "slip.read",
        "closed-operation",
        "out-of-scope",
        "case-closed",
        "quay:31",
    ):
        checks.that(f"the access event tells of {word}", event.status == 200 and word in event.text, event.text)

    key = verifier_key(harbour.ORIGIN, world.folder / "keys" / "ledger.key")
    pack = world.folder / "pack.zip"
    exported = world.as_person("iris", "evidence", "export", session.event, "-o", str(pack))
    checks.that("the evidence is exported", exported.returncode == 0 and pack.exists(), exported.stderr)
    verdict = _verify(world, pack, "--key", key)
    checks.that(
        "it verifies offline against the ledger's key", verdict.returncode == 0, verdict.stdout + verdict.stderr
    )
    again = _verify(world, pack, "--key", key, "--decided-again")
    checks.that(
        "every decision in it is decided again by the rules that were in force, and comes out as recorded",
        again.returncode == 0 and "decided again:" in again.stdout and ", as recorded:" in again.stdout,
        again.stdout + again.stderr,
    )
    second = [sys.executable, str(ROOT / "tests" / "evidence" / "verify_pack.py"), str(pack), "--key", key]
    peer = subprocess.run(second, capture_output=True, text=True)
    checks.that(
        "so does it with a verifier written from the format's document alone", peer.returncode == 0, peer.stderr
    )
    alone = _verify(world, pack)
    checks.that(
        "without a key it verifies and says that the key was not checked",
        alone.returncode == 0 and key in alone.stdout + alone.stderr,
        alone.stdout + alone.stderr,
    )
    name, _, _ = key.split("+", 2)
    stranger = verifier_key(name, _other_key(world.folder))
    checks.that("against another key it does not", _verify(world, pack, "--key", stranger).returncode == 4)
    data = pack.read_bytes()
    for at in (0, len(data) // 3, len(data) // 2, len(data) * 2 // 3, len(data) - 1):
        changed = world.folder / "changed.zip"
        changed.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        answer = _verify(world, changed, "--key", key)
        checks.that(
            f"with byte {at} of {len(data)} changed it does not",
            answer.returncode == 4,
            f"{answer.returncode} {answer.stdout} {answer.stderr}",
        )

    checkpoint = http("GET", world.url + "/ledger/checkpoint").text
    checks.that("the checkpoint is signed by the ledger's key", is_signed_by(checkpoint, key), checkpoint)
    events = world.as_person("ava", "events", "--after", "0", "--json")
    positions = [json.loads(line)["position"] for line in events.stdout.splitlines()]
    checks.that(
        "the feed has no gap",
        positions and positions == list(range(positions[0], positions[0] + len(positions))),
        events.stderr or positions[:20],
    )
    covered = size(http("GET", world.url + "/ledger/checkpoint").text)
    checks.that("and the checkpoint covers all of it", positions and covered > positions[-1], (covered, positions[-1:]))
    beside = world.locum("ledger", "verify", "--config", str(world.config))
    checks.that(
        "the whole record verifies beside the running server", beside.returncode == 0, beside.stdout + beside.stderr
    )


def _verify(world: World, pack: Path, *arguments: str):
    return world.locum("evidence", "verify", str(pack), *arguments)


def _other_key(folder: Path) -> Path:
    path = folder / "other.key"
    der = bytes.fromhex("302e020100300506032b657004220420") + bytes(range(32))
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END PRIVATE KEY-----\n")
    return path


def review(world: World, checks: Checks, session: Session) -> None:
    checks.chapter("Somebody who had no part in it reviews it")
    pia, iris = world.person("pia"), world.person("iris")
    found = pia.get("/api/v1/reviews?state=open")
    items = found.json() if found.status == 200 else {}
    items = items.get("items", items) if isinstance(items, dict) else items
    mine = [one for one in items if session.event in json.dumps(one) or session.id in json.dumps(one)]
    if not checks.that("the named reviewer finds it open", len(mine) == 1, found.text):
        return
    path = f"/api/v1/reviews/{mine[0]['id']}/complete"
    body = {"finding": "justified", "note": "Two slips read, both of the customer who asked."}
    checks.refused("the requester does not review", iris.post(path, body), (403, 404), None)
    checks.refused("an unknown finding is refused", pia.post(path, {"finding": "fine", "note": "x"}), (400, 422), None)
    done = pia.post(path, body)
    checks.that("the reviewer completes it", done.status == 200, done.text)
    checks.that("and once", pia.post(path, body).status == 409)
