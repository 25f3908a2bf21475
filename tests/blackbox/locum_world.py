"""One running Locum with a desk and two applications around it, known only by its contract."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from . import harbour
from .applications import Application
from .case_desk import CaseDesk
from .processes import Answer, Server, free_port, http, wait_until

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


class World:
    """Writes the files, starts `locum serve`, and waits until it is ready. Use with `with`."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="locum-world-"))
        self.desk = CaseDesk()
        self.parcels = Application(harbour.PARCEL_ACCOUNTS)
        self.payroll = Application()
        self.server_port, self.gateway_port, parcels_address = free_port(), free_port(), free_port()
        self.url = f"http://localhost:{self.server_port}"
        self.hook = f"{self.url}/hooks/quay"
        self.config = self.folder / "locum.toml"
        ports = (self.server_port, self.gateway_port, parcels_address, self.parcels.port, self.payroll.port)
        harbour.write(self.folder, harbour.files(*ports, self.desk))
        self._make_keys()
        self.desk.add("31", "i.ivers", "c-31", "lighthouse")
        self.log = self.folder / "serve.log"
        self.server: Server | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        for part in self.desk, self.parcels, self.payroll:
            part.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HARBOUR_WEBHOOK_SECRET": self.desk.webhook_secret, "NO_COLOR": "1"}

    def start(self) -> None:
        command = [BINARY, "serve", "--config", self.config]
        self.server = Server("locum serve", command, self.log, self.environment, self.folder)
        wait_until(lambda: http("GET", self.url + "/readyz").status == 200, "Locum is ready", self.server, 60)

    def stop(self) -> None:
        if self.server:
            self.server.stop()

    def _make_keys(self) -> None:
        """Takes the keys that `locum init` makes; every other file is ours."""
        made = self.folder / "made"
        answer = self.locum("init", str(made))
        assert answer.returncode == 0, f"locum init: {answer.stderr}"
        shutil.copytree(made / "keys", self.folder / "keys")
        shutil.rmtree(made)

    def locum(self, *arguments: str, person: str | None = None) -> subprocess.CompletedProcess:
        """Runs the command line, as somebody when a person is named."""
        environment = dict(self.environment)
        if person:
            environment |= {"LOCUM_URL": self.url, "LOCUM_TOKEN": harbour.token(person)}
        command = [str(BINARY), *arguments]
        return subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True, timeout=120)

    def person(self, name: str) -> Person:
        return Person(self.url, harbour.token(f"{name}@harbour.example"))

    def nobody(self) -> Person:
        return Person(self.url, None)

    def request_body(self, applications: dict[str, list[str]], case: str = "quay:31", **more) -> dict:
        """A good request: change one thing to make it a bad one."""
        return {
            "case": case,
            "reason": "The customer says that a slip lacks the March bonus; I need to see what they see.",
            "applications": [{"application": name, "operations": names} for name, names in applications.items()],
            "duration_minutes": 30,
            **more,
        }

    def approve_all(self, request: dict) -> dict:
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
            answer = self.person(approver.split("@")[0]).post(f"/api/v1/requests/{request['id']}/approve", body)
            assert answer.status == 200, f"{approver} could not approve: {answer.status} {answer.text}"
            current = answer.json()
        return current

    def session(self, person: str, applications: dict[str, list[str]], case: str = "quay:31", **more) -> Session:
        """The whole way from asking to a session, for whoever only needs one."""
        asker = self.person(person)
        filed = asker.post("/api/v1/requests", self.request_body(applications, case, **more))
        assert filed.status == 201, f"could not file: {filed.status} {filed.text}"
        self.approve_all(filed.json())
        return self.activate(person, filed.json()["id"])

    def activate(self, person: str, request: str) -> Session:
        answer = self.person(person).post(f"/api/v1/requests/{request}/activate")
        assert answer.status == 201, f"could not activate: {answer.status} {answer.text}"
        return session_of(answer.json())

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
        answer["id"], answer["event"], answer["grant_token"],
        {one["application"]: one["base_url"] for one in applications},
        {one["application"]: one["open_url"] for one in applications},
    )


class Download:
    """A download read from a raw socket, so that an orderly end and a reset can be told apart."""

    def __init__(self, url: str, headers: dict[str, str], receive_buffer: int | None = None):
        parts = urlsplit(url)
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", parts.port or 80))
        lines = [f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.first = self.socket.recv(4096)
        self.received = len(self.first)

    @property
    def status(self) -> int:
        return int(self.first.split(b" ", 2)[1])

    def read_some(self, size: int = 4096) -> bytes:
        data = self.socket.recv(size)
        self.received += len(data)
        return data

    def read_to_end(self) -> str:
        """Reads until it ends; how it ended: `reset`, `orderly` or `hanging`."""
        try:
            while data := self.socket.recv(65536):
                self.received += len(data)
            return "orderly"
        except ConnectionResetError:
            return "reset"
        except TimeoutError:
            return "hanging"
        finally:
            self.socket.close()


def unique() -> str:
    return secrets.token_hex(8)
