"""What the contract refuses: each with its status and reason code, and nothing filed or opened by it."""

import secrets
import time

from . import harbour
from .checks import Checks
from .download import Download
from .locum_world import World
from .processes import http

READ = {"parcels": ["parcel.read"]}


def play(world: World, checks: Checks) -> None:
    bodies(world, checks)
    requests(world, checks)
    cases(world, checks)
    crossing(world, checks)
    idempotency(world, checks)
    webhooks(world, checks)
    endings(world, checks)


def bodies(world: World, checks: Checks) -> None:
    checks.chapter("Malformed and oversize input")
    iris, path = world.person("iris"), "/api/v1/requests"
    checks.refused("malformed JSON", iris.post(path, b'{"case": '), 400, None)
    checks.refused("JSON of another shape", iris.post(path, {"case": 31}), (400, 422), None)
    checks.refused(
        "a field the contract does not have", iris.post(path, world.request_body(READ, colour="red")), (400, 422), None
    )
    checks.refused(
        "no end time", iris.post(path, _without(world.request_body(READ), "duration_minutes")), (400, 422), None
    )
    checks.refused("a body of 4 MiB", iris.post(path, b'"' + b"x" * (4 << 20) + b'"'), 413, None)
    big = iris.get("/api/v1/requests", Padding="x" * (200 << 10))
    checks.that("a header of 200 KiB is refused", big.status in (400, 413, 431), big.status)
    checks.refused("an unknown address", iris.get("/api/v1/nothing"), 404, None)
    checks.refused("a wrong token", type(iris)(world.url, "no-such-token").get(path), 401, None)
    checks.refused(
        "an unknown request", iris.get("/api/v1/requests/req_00000000000000000000000000"), (400, 404, 422), None
    )


def _without(body: dict, name: str) -> dict:
    return {key: value for key, value in body.items() if key != name}


def requests(world: World, checks: Checks) -> None:
    checks.chapter("Requests that name too much, too little or the wrong thing")
    world.desk.add("40", "i.ivers", "c-31", "lighthouse")
    iris, path = world.person("iris"), "/api/v1/requests"

    def asked(applications=None, **more):
        return iris.post(path, world.request_body(applications or READ, "quay:40", **more))

    everything = asked({"*": ["parcel.read"]})
    checks.refused("all applications at once", everything, (400, 422), None)
    checks.that("and the problem points at the place", "/applications/0" in everything.text, everything.text)
    checks.refused("an unknown application", asked({"cranes": ["parcel.read"]}), (400, 422), None)
    checks.refused("an unknown operation", asked({"parcels": ["parcel.steal"]}), (400, 422), None)
    checks.refused("all operations at once", asked({"parcels": ["*"]}), (400, 422), None)
    checks.refused(
        "no application", iris.post(path, {**world.request_body(READ), "applications": []}), (400, 422), None
    )
    checks.refused("no operation", asked({"parcels": []}), (400, 422), None)
    checks.refused("no reason", asked(reason=""), 422, "reason-missing")
    checks.refused("a reason that is none", asked(reason="help help help help"), 422, "reason-missing")
    checks.refused("a closed operation", asked({"parcels": ["key.create"]}), 403, "closed-operation")
    checks.refused(
        "an operation this person may not ask for", asked({"payroll": ["slip.correct"]}), 403, "not-eligible"
    )
    checks.refused("longer than anybody may", asked(duration_minutes=600), 422, "duration-too-long")
    checks.refused("no time at all", asked(duration_minutes=0), (400, 422), None)
    checks.refused("another subject than the case's", asked(subject="c-33"), 403, "case-mismatch")
    checks.refused(
        "somebody nobody knows may not ask",
        world.person("greta").post(path, world.request_body(READ)),
        403,
        "not-eligible",
    )


def cases(world: World, checks: Checks) -> None:
    checks.chapter("Cases that do not justify access")
    iris, path = world.person("iris"), "/api/v1/requests"

    def asked(case: str, applications=None):
        return iris.post(path, world.request_body(applications or READ, case))

    checks.refused("a case the desk does not know", asked("quay:999"), 403, "case-not-open")
    world.desk.add("41", "i.ivers", "c-31", "lighthouse", status="done")
    checks.refused("a closed case", asked("quay:41"), 403, "case-not-open")
    world.desk.add("42", "t.tully", "c-31", "lighthouse")
    checks.refused("a case of somebody else", asked("quay:42"), 403, "not-the-assignee")
    world.desk.add("43", "i.ivers", "c-33", "lighthouse")
    checks.refused("a subject nobody may act as", asked("quay:43"), 403, "protected-subject")
    world.desk.add("44", "i.ivers", "c-39", "lighthouse")
    checks.refused("a subject the application does not know", asked("quay:44"), 403, "subject-unknown")
    world.desk.add("45", "i.ivers", "c-32", "lighthouse")
    checks.refused("a subject of another tenant", asked("quay:45", {"payroll": ["slip.read"]}), 403, "case-mismatch")
    checks.refused("a desk nobody set up", asked("jetty:1"), (400, 403, 422), None)

    before = len(world.desk.asked)
    for case in "quay:../admin", "quay:4%2f4", "quay:31/../32", "quay:31?x=1", "quay:31#x", "quay: 31", "quay:", "31":
        checks.refused(f"a case number with tricks (`{case}`)", asked(case), (400, 403, 422), None)
    checks.that("and the desk was never asked for one", len(world.desk.asked) == before, world.desk.asked[before:])

    world.desk.is_down = True
    checks.refused("a desk that does not answer", asked("quay:31"), 403, "case-unreachable")
    world.desk.is_down = False


def crossing(world: World, checks: Checks) -> None:
    checks.chapter("Two applications: a third authority, who says why")
    world.desk.add("50", "i.ivers", "c-31", "lighthouse")
    both = {"parcels": ["parcel.read"], "payroll": ["slip.read"]}
    iris = world.person("iris")
    filed = iris.post("/api/v1/requests", world.request_body(both, "quay:50"))
    if not checks.that("a request for two applications is filed", filed.status == 201, filed.text):
        return
    request = filed.json()
    step = next((one for one in request["route"] if one["authority"] == "manager-or-security-control-owner"), None)
    if not checks.that("its route has a manager or security control owner", step, filed.text):
        return
    approver = world.person(step["approvers"][0].split("@")[0])
    path = f"/api/v1/requests/{request['id']}"
    bare = approver.post(f"{path}/approve", {"scope_digest": request["scope_digest"]})
    checks.refused("who must say why the crossing is unavoidable and what compensates", bare, 422, "reason-missing")
    approved = world.approve_all(request, harbour.token)
    checks.that("all of them approve", approved["state"] == "approved", approved)
    session = world.activate("iris", request["id"])
    slip = http("GET", session.base_urls["payroll"] + "slips/7", session.enter("payroll"))
    cookie = session.enter("parcels")
    parcel = http("GET", session.base_urls["parcels"] + "parcels/7", cookie)
    checks.that("one session acts in both", (slip.status, parcel.status) == (200, 200), f"{slip.text} {parcel.text}")
    user = world.parcels.headers_of("/parcels/7").get("x-remote-user")
    checks.that("parcels gets its own name of the subject in the trusted header", user == ["p-carla"], user)
    other = http("GET", session.base_urls["payroll"] + "slips/7", cookie)
    checks.refused("the cookie of one application opens no other", other, (401, 403), None)
    ended = iris.post(f"/api/v1/sessions/{session.id}/end")
    checks.that("the actor ends it", ended.status == 200 and "ended-by-actor" in ended.text, ended.text)
    checks.refused(
        "in every application", http("GET", session.base_urls["parcels"] + "parcels/7", cookie), 401, "session-ended"
    )
    event = iris.get(f"/api/v1/events/{session.event}").text
    checks.that("and one access event tells of both", "parcel:7" in event and "slip:7" in event, event)


def idempotency(world: World, checks: Checks) -> None:
    checks.chapter("The same key twice")
    world.desk.add("51", "i.ivers", "c-31", "lighthouse")
    iris, key = world.person("iris"), {"Idempotency-Key": secrets.token_hex(8)}
    body = world.request_body(READ, "quay:51")
    first, second = (iris.post("/api/v1/requests", body, key) for _ in range(2))
    checks.that(
        "the same body gets the same answer",
        first.status == second.status == 201 and first.json()["id"] == second.json()["id"],
        f"{first.text} {second.text}",
    )
    other = iris.post("/api/v1/requests", {**body, "duration_minutes": 10}, key)
    checks.refused("another body under the same key", other, 422, None)
    withdrawn = iris.post(f"/api/v1/requests/{first.json()['id']}/withdraw")
    checks.that(
        "the requester withdraws", withdrawn.status == 200 and withdrawn.json()["state"] == "withdrawn", withdrawn.text
    )
    late = world.person("ned").post(
        f"/api/v1/requests/{first.json()['id']}/approve", {"scope_digest": first.json()["scope_digest"]}
    )
    checks.refused("and nobody can approve it any more", late, 409, None)


def webhooks(world: World, checks: Checks) -> None:
    checks.chapter("Webhooks: an authentic close ends, and nothing opens")
    world.desk.add("60", "i.ivers", "c-31", "lighthouse")
    session = world.session("iris", READ, "quay:60")
    cookie = session.enter("parcels")
    address = session.base_urls["parcels"] + "parcels/1"

    def is_alive() -> bool:
        try:
            return http("GET", address, cookie).status == 200
        except ConnectionResetError:  # Cut while it was under way: a reset is what the end looks like.
            return False

    forged = world.desk.webhook(world.hook, "60", "done", secret=b"not the secret of anybody at all")
    checks.refused("one signed by somebody else", forged, 401, None)
    late = world.desk.webhook(world.hook, "60", "done", sent_at=time.time() - 3600)
    checks.refused("one an hour old", late, 401, None)
    bare = http(
        "POST", world.hook, {"Content-Type": "application/json"}, b'{"case": {"number": "60", "status": "done"}}'
    )
    checks.refused("one without a signature", bare, 401, None)
    unknown = world.desk.webhook(world.hook.replace("quay", "jetty"), "60", "done")
    checks.refused("one to a desk nobody set up", unknown, (401, 404), None)
    checks.that("none of them ended anything", is_alive())
    same = secrets.token_hex(8)
    still_open = world.desk.webhook(world.hook, "60", "working", message_id=same)
    checks.that("an open state ends nothing", still_open.status in (200, 202, 204) and is_alive(), still_open.text)
    _wait_for_poll(world)
    world.desk.cases["60"]["status"] = "done"
    repeated = world.desk.webhook(world.hook, "60", "working", message_id=same)
    checks.that("a repeated id is taken", repeated.status == 200, f"{repeated.status} {repeated.text}")
    time.sleep(0.5)
    checks.that("and nothing happens", is_alive())
    started = time.monotonic()
    while is_alive() and time.monotonic() - started < 10:
        time.sleep(0.2)
    seconds = time.monotonic() - started
    checks.that(
        f"with every webhook lost, polling finds the closed case ({seconds:.1f} s at an interval of 2 s)",
        seconds < 6,
        seconds,
    )
    world.desk.cases["60"]["status"] = "working"
    opened = world.desk.webhook(world.hook, "60", "working")
    checks.that("a case opened again revives nothing", opened.status in (200, 202, 204) and not is_alive(), opened.text)


def _wait_for_poll(world: World) -> None:
    """Until the desk was just asked: for the next two seconds nobody will ask it by the clock."""
    time.sleep(1)  # What earlier webhooks made Locum ask is over by then.
    asked = len(world.desk.asked)
    while len(world.desk.asked) == asked:
        time.sleep(0.02)


def endings(world: World, checks: Checks) -> None:
    checks.chapter("Other ends")
    world.desk.add("61", "i.ivers", "c-31", "lighthouse")
    session = world.session("iris", {"parcels": ["parcel.read", "track.read"]}, "quay:61")
    fresh = world.person("iris").post(f"/api/v1/sessions/{session.id}/open", {"application": "parcels"})
    checks.that("a fresh opening address is given", fresh.status == 200 and fresh.json()["open_url"], fresh.text)
    token = world.exchange(session, "app:parcels", harbour.token("iris@harbour.example"))
    bearer = {"Authorization": f"Bearer {token.json().get('access_token')}"}
    stream = Download(session.base_urls["parcels"] + "stream/all", bearer, receive_buffer=4096)
    checks.that("a program downloads at the application's own address, slowly", stream.status == 200, stream.first)
    world.desk.is_down = True
    started = time.monotonic()
    ending = stream.read_to_end()
    seconds = time.monotonic() - started
    world.desk.is_down = False
    checks.that(
        f"a desk unreachable for longer than the grace ends it ({seconds:.1f} s at 4 s of grace)",
        ending == "reset" and 2 < seconds < 12,
        f"{ending} after {seconds:.1f} s",
    )
    after = http("GET", session.base_urls["parcels"] + "parcels/1", bearer)
    checks.that("and says so", after.status == 401 and "case-unreachable" in after.text, after.text)
