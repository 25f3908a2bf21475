"""Signing in without a browser: a device that a person lets in, and a program with its key."""

import base64
import json
import re
import secrets
import subprocess
import time
from urllib.parse import urlencode

from . import ed25519, harbour
from .checks import Checks
from .locum_process import BINARY, Person
from .locum_world import World
from .processes import Answer, http

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def play(world: World, checks: Checks) -> None:
    metadata = discover(world, checks)
    device(world, checks, metadata)
    command_line(world, checks)
    program(world, checks, metadata)
    keys(world, checks)


def form(url: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
    sent = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **(headers or {})}
    return http("POST", url, sent, urlencode(fields).encode())


def said(answer: Answer) -> str:
    """OAuth's own code: these answers are no problem details."""
    is_json = answer.headers.get_content_type() == "application/json"
    return answer.json().get("error", "") if is_json else f"not JSON: {answer.text}"


def discover(world: World, checks: Checks) -> dict:
    checks.chapter("Clients discover how to sign in (RFC 8414)")
    metadata = http("GET", f"{world.url}/.well-known/oauth-authorization-server").json()
    checks.that("the issuer is the server's address", metadata.get("issuer") == world.url, metadata)
    grants = {DEVICE_CODE, "client_credentials"} <= set(metadata.get("grant_types_supported", []))
    checks.that("devices and programs are told that they may", grants, metadata)
    checks.that(
        "programs by their key and no secret",
        "private_key_jwt" in metadata["token_endpoint_auth_methods_supported"]
        and not {"client_secret_basic", "client_secret_post"} & set(metadata["token_endpoint_auth_methods_supported"])
        and "EdDSA" in metadata["token_endpoint_auth_signing_alg_values_supported"],
        metadata,
    )
    return metadata


class Browser:
    """Somebody who picked who they are on the console's first page."""

    def __init__(self, world: World, name: str):
        self.url = world.url
        self.headers = {"Origin": world.url, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        answer = form(f"{self.url}/login", {"person": f"{name}@harbour.example", "to": "/"}, self.headers)
        cookie = answer.headers.get("Set-Cookie", "").split(";")[0]
        assert "=" in cookie, f"could not sign in: {answer.status} {answer.text}"
        self.headers["Cookie"] = cookie

    def post(self, path: str, **fields: str) -> Answer:
        page = http("GET", self.url + "/device", self.headers).text
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        fields["csrf"] = token.group(1) if token else ""
        return form(self.url + path, fields, self.headers)


def device(world: World, checks: Checks, metadata: dict) -> None:
    checks.chapter("A device asks, and a person lets it in (RFC 8628)")
    token_endpoint = metadata["token_endpoint"]
    asked = form(metadata["device_authorization_endpoint"], {"client_id": "locum-cli"}).json()
    expected = {"device_code", "user_code", "verification_uri", "expires_in", "interval"}
    checks.that("it gets a code for itself and one for the person", expected <= asked.keys(), asked)
    poll = {"grant_type": DEVICE_CODE, "device_code": asked["device_code"], "client_id": "locum-cli"}
    checks.that("it waits", said(form(token_endpoint, poll)) == "authorization_pending")
    checks.that("and is told when it asks too often", said(form(token_endpoint, poll)) == "slow_down")
    stranger = {**poll, "device_code": secrets.token_hex(32)}
    checks.that("a code that is nobody's is refused", said(form(token_endpoint, stranger)) == "invalid_grant")

    iris = Browser(world, "iris")
    looked = iris.post("/device", user_code=asked["user_code"].lower().replace("-", " "))
    checks.that("the person sees which device it is", looked.status == 200 and "locum-cli" in looked.text, looked.text)
    forged = form(f"{world.url}/device/allow", {"user_code": asked["user_code"], "csrf": "x"}, iris.headers)
    checks.that("a form of another page lets nobody in", forged.status == 403, forged.status)
    allowed = iris.post("/device/allow", user_code=asked["user_code"])
    checks.that("and lets it in", allowed.status == 200, f"{allowed.status} {allowed.text}")
    time.sleep(asked["interval"] * 2)
    granted = form(token_endpoint, poll)
    checks.that("the device gets a bearer token", granted.status == 200, granted.text)
    token = granted.json().get("access_token", "")
    checks.that("once", said(form(token_endpoint, poll)) == "invalid_grant")
    by_device = Person(world.url, token)
    me = by_device.get("/api/v1/me").json()
    checks.that(
        "which is the person's, and says that it is a device's",
        (me.get("id"), me.get("assurance")) == ("iris@harbour.example", "device"),
        me,
    )
    logins = by_device.get("/api/v1/me/logins").json()["items"]
    checks.that(
        "its owner finds it among their logins", {"device", "picked"} <= {one["how"] for one in logins}, logins
    )
    may_not(world, checks, by_device)
    given_back = form(metadata["revocation_endpoint"], {"token": token, "client_id": "locum-cli"})
    checks.that("it is given back (RFC 7009)", (given_back.status, given_back.text) == (200, ""), given_back.text)
    checks.refused("and opens nothing more", by_device.get("/api/v1/me"), 401, "unknown-token")
    unknown = form(metadata["revocation_endpoint"], {"token": "nobodys"})
    checks.that("a token that is nobody's is answered alike", (unknown.status, unknown.text) == (200, ""))


def may_not(world: World, checks: Checks, by_device: Person) -> None:
    """Payroll is regulated: asking is anybody's, beginning is not a device's."""
    world.desk.add("70", "i.ivers", "c-31", "lighthouse")
    filed = by_device.post("/api/v1/requests", world.request_body({"payroll": ["slip.read"]}, "quay:70"))
    if not checks.that("it asks for its person", filed.status == 201, filed.text):
        return
    request = world.approve_all(filed.json(), harbour.token)
    activated = by_device.post(f"/api/v1/requests/{request['id']}/activate")
    checks.refused("and begins nothing that is regulated", activated, 401, "signature-required")
    challenge = activated.headers.get("WWW-Authenticate", "")
    checks.that(
        "with the challenge of RFC 9470",
        'error="insufficient_user_authentication"' in challenge and 'acr_values="phr"' in challenge,
        challenge,
    )


def command_line(world: World, checks: Checks) -> None:
    checks.chapter("The command line is a device")
    environment = {**world.environment, "LOCUM_URL": world.url, "LOCUM_LOGINS": str(world.folder / "state" / "l.json")}
    environment.pop("LOCUM_TOKEN", None)

    def locum(*arguments: str) -> subprocess.CompletedProcess:
        command = [str(BINARY), *arguments]
        return subprocess.run(command, env=environment, cwd=world.folder, capture_output=True, text=True, timeout=60)

    nobody = locum("login", "--status")
    checks.that("at first nobody is signed in: 1", nobody.returncode == 1, nobody.stderr)
    waiting = subprocess.Popen(
        [str(BINARY), "login", "--json"], env=environment, cwd=world.folder, stdout=subprocess.PIPE, text=True
    )
    try:
        asked = json.loads(waiting.stdout.readline())
        allowed = Browser(world, "tom").post("/device/allow", user_code=asked["user_code"])
        checks.that("its code is entered in the console", allowed.status == 200, allowed.text)
        rest, _ = waiting.communicate(timeout=30)
    finally:
        waiting.kill()
    checks.that("and it is signed in", waiting.returncode == 0 and "tom@harbour.example" in rest, rest)
    kept = world.folder / "state" / "l.json"
    checks.that("the token is kept for its owner alone", kept.stat().st_mode & 0o777 == 0o600, oct(kept.stat().st_mode))
    listed = locum("list", "requests", "--json")
    checks.that("other commands use it", listed.returncode == 0, listed.stderr)
    key = world.folder / "state" / "key.pem"
    enrolled = locum("enrol", "--key-file", str(key), "--name", "a laptop", "--json")
    checks.that("it makes a key and asks that it count", enrolled.returncode == 0, enrolled.stderr)
    asked = json.loads(enrolled.stdout) if enrolled.returncode == 0 else {}
    checks.that(
        "which waits for somebody else's signature",
        asked.get("state") == "waiting" and len(asked.get("thumbprint", "")) == 43,
        asked,
    )
    checks.that("the key is its owner's alone", key.exists() and key.stat().st_mode & 0o777 == 0o600)
    denied = locum("enrol", "deny", asked.get("id", "enr_"), "--reason", "only a try", "--json")
    checks.that("and is taken back", denied.returncode == 0 and "denied" in denied.stdout, denied.stderr)
    out = locum("logout")
    checks.that("logout gives the token back", out.returncode == 0, out.stderr)
    over = locum("list", "requests")
    checks.that("and then nobody is signed in: 2", over.returncode == 2 and "locum login" in over.stderr, over.stderr)


def program(world: World, checks: Checks, metadata: dict) -> None:
    checks.chapter("A program signs in by its key (RFC 7523)")
    token_endpoint = metadata["token_endpoint"]

    def sign_in(assertion: str) -> Answer:
        fields = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        return form(token_endpoint, {"grant_type": "client_credentials", **fields})

    for audience, seconds in (metadata["issuer"], 60), (token_endpoint, 3600):
        granted = sign_in(_assertion(audience, seconds))
        checks.that(f"with an assertion for {audience} of {seconds} s", granted.status == 200, granted.text)
    checks.that("for ten minutes at most", granted.json().get("expires_in", 9_999) <= 600, granted.text)
    aida = Person(world.url, granted.json().get("access_token"))
    me = aida.get("/api/v1/me").json()
    checks.that("it is itself and nobody else", (me.get("id"), me.get("how")) == ("aida", "program"), me)
    world.desk.add("71", "aida", "c-31", "lighthouse")
    filed = aida.post("/api/v1/requests", world.request_body({"parcels": ["parcel.read"]}, "quay:71", duration_minutes=15))
    checks.that("it asks under the same rules", filed.status == 201, filed.text)
    if filed.status == 201:
        yes = {"scope_digest": filed.json()["scope_digest"]}
        refused = aida.post(f"/api/v1/requests/{filed.json()['id']}/approve", yes)
        checks.refused("and approves nothing", refused, 403, None)

    once = _assertion(metadata["issuer"], 60)
    checks.that("each proof works", sign_in(once).status == 200)
    checks.that("once", said(sign_in(once)) == "invalid_client")
    for flaw, assertion in {
        "for somebody else": _assertion("http://elsewhere.example", 60),
        "for two audiences": _assertion([metadata["issuer"], "http://elsewhere.example"], 60),
        "that has expired": _assertion(metadata["issuer"], -60),
        "of two hours": _assertion(metadata["issuer"], 7200),
        "by another key": _assertion(metadata["issuer"], 60, seed=bytes(32)),
        "without a signature": _assertion(metadata["issuer"], 60, algorithm="none"),
    }.items():
        answer = sign_in(assertion)
        checks.that(f"a proof {flaw} is refused", said(answer) == "invalid_client", answer.text)


def _assertion(audience, seconds: int, seed: bytes = harbour.AGENT_SEED, algorithm: str = "EdDSA") -> str:
    now = int(time.time())
    claims = {"iss": "aida", "sub": "aida", "aud": audience, "iat": now, "exp": now + seconds}
    claims["jti"] = secrets.token_hex(16)
    parts = [_encoded(json.dumps(part).encode()) for part in ({"alg": algorithm, "kid": "aida-1"}, claims)]
    message = ".".join(parts).encode()
    signature = b"" if algorithm == "none" else ed25519.sign(seed, message)
    return f"{message.decode()}.{_encoded(signature)}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def keys(world: World, checks: Checks) -> None:
    checks.chapter("Locum's own keys are rotated by security, on the record")
    refused = world.as_person("iris", "keys", "rotate", "grant", "--json")
    checks.that("by nobody else: 1", refused.returncode == 1 and "not-an-approver" in refused.stderr, refused.stderr)
    before = {one["kid"] for one in http("GET", f"{world.url}/.well-known/jwks.json").json()["keys"]}
    rotated = world.as_person("sol", "keys", "rotate", "grant", "--json")
    checks.that("security rotates one", rotated.returncode == 0, rotated.stderr)
    after = {one["kid"] for one in http("GET", f"{world.url}/.well-known/jwks.json").json()["keys"]}
    checks.that("a new one is published, and the old ones go on verifying", before < after, (before, after))
    world.desk.add("72", "i.ivers", "c-31", "lighthouse")
    session = world.session("iris", {"parcels": ["parcel.read"]}, "quay:72")
    answer = world.exchange(session, "app:parcels", harbour.token("iris@harbour.example"))
    checks.that("and a grant by the new one is exchanged", answer.status == 200, answer.text)
    world.person("iris").post(f"/api/v1/sessions/{session.id}/end")
