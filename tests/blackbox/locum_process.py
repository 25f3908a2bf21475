"""One `locum serve` and whoever speaks to it, known only by the contract."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from .processes import Answer, Server, http, wait_until

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("LOCUM_BIN", ROOT / "target" / "debug" / "locum")).resolve()

CROSSING = {
    "unavoidable_because": "The parcel's owner can only be told from the slip, and the slip names the parcel.",
    "compensating_controls": ["reading only", "banner", "thirty minutes"],
}


class Person:
    """Somebody at the API with a bearer token."""

    def __init__(self, url: str, token: str | None):
        self.url, self.token = url, token

    def call(self, method: str, path: str, body=None, headers: dict | None = None) -> Answer:
        sent = {"Accept": "application/json", **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        return http(method, self.url + path, {**sent, **(headers or {})}, data)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, headers=headers)

    def post(self, path: str, body=None, headers: dict | None = None) -> Answer:
        return self.call("POST", path, {} if body is None else body, headers)


@dataclass
class Session:
    """An activated grant, entered."""

    id: str
    event: str
    grant_token: str
    base_urls: dict[str, str]
    open_urls: dict[str, str]

    def enter(self, application: str) -> dict[str, str]:
        """Opens an application and returns the header with the session's cookie."""
        answer = http("GET", self.open_urls[application])
        cookie = answer.headers.get("Set-Cookie", "").split(";")[0]
        assert answer.status in (200, 303) and "=" in cookie, f"could not enter: {answer.status} {answer.text}"
        return {"Cookie": cookie}


class LocumProcess:
    """A folder with `locum.toml`, the server started from it, and the command line beside it."""

    def __init__(self, folder: Path, server_port: int, secrets: dict[str, str], pin: list[str] | None = None):
        """`pin` stands before the command, as `taskset -c 1`."""
        self.folder, self.secrets, self.pin = folder, secrets, pin or []
        self.url = f"http://localhost:{server_port}"
        self.config = folder / "locum.toml"
        self.log = folder / "serve.log"
        self.server: Server | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.secrets, "NO_COLOR": "1"}

    def start(self) -> None:
        command = [*self.pin, BINARY, "serve", "--config", self.config]
        self.server = Server("locum serve", command, self.log, self.environment, self.folder)
        wait_until(lambda: http("GET", self.url + "/readyz").status == 200, "Locum is ready", self.server, 60)

    def stop(self) -> None:
        if self.server:
            self.server.stop()

    def make_keys(self) -> None:
        """Takes the keys that `locum init` makes; every other file is the caller's."""
        made = self.folder / "made"
        answer = self.locum("init", str(made))
        assert answer.returncode == 0, f"locum init: {answer.stderr}"
        shutil.copytree(made / "keys", self.folder / "keys")
        shutil.rmtree(made)

    def locum(self, *arguments: str, token: str | None = None) -> subprocess.CompletedProcess:
        """Runs the command line, as somebody when a token is given."""
        environment = dict(self.environment)
        if token:
            environment |= {"LOCUM_URL": self.url, "LOCUM_TOKEN": token}
        command = [str(BINARY), *arguments]
        patience = 1_800 if os.environ.get("LOCUM_LONG") else 120
        return subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True, timeout=patience)

    def approve_all(self, request: dict, token_of) -> dict:
        """Lets a different person of each step's approvers approve until the route is walked."""
        current, used = request, set()
        is_crossing = any(step["authority"] == "manager-or-security-control-owner" for step in request["route"])
        for _ in request["route"]:
            step = next((step for step in current["route"] if not step.get("decision")), None)
            if step is None:
                break
            approver = next(person for person in step["approvers"] if person not in used)
            used.add(approver)
            body = {"scope_digest": request["scope_digest"], **(CROSSING if is_crossing else {})}
            answer = Person(self.url, token_of(approver)).post(f"/api/v1/requests/{request['id']}/approve", body)
            assert answer.status == 200, f"{approver} could not approve: {answer.status} {answer.text}"
            current = answer.json()
        return current

    def exchange(self, session: Session, audience: str, actor_token: str) -> Answer:
        """RFC 8693: the grant for an access token at one application."""
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": session.grant_token,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "actor_token": actor_token,
            "actor_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "audience": audience,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return http("POST", f"{self.url}/oauth2/token", headers, urlencode(form).encode())


def session_of(answer: dict) -> Session:
    applications = answer["applications"]
    return Session(
        answer["id"],
        answer["event"],
        answer["grant_token"],
        {one["application"]: one["base_url"] for one in applications},
        {one["application"]: one["open_url"] for one in applications},
    )
