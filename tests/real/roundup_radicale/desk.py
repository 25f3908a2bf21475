"""Roundup as the case desk: installed, seeded and driven through its own command line and REST API."""

import base64
import configparser
import grp
import json
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from tests.blackbox.processes import Server, free_port, http, wait_until

from .environment import HOME, ROOT

ADMINISTRATOR = "admin-password-for-tests"
UNPRIVILEGED = "nobody"


class Roundup:
    """One tracker with a customer, an agent, a colleague and an account for Locum that only reads."""

    def __init__(self, folder: Path, passwords: dict[str, str], reader_password: str):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/demo/"
        self.tracker = folder / "tracker"
        self.passwords = dict(passwords)
        self.log = folder / "roundup.log"
        self._install()
        for name, password in passwords.items():
            self._create_user(name, password, "User", organisation="harbour")
        self._create_user("locum", reader_password, "Locum")
        self.server: Server | None = None

    def _admin(self, *arguments: str) -> str:
        command = [HOME / "bin" / "roundup-admin", "-i", self.tracker, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def _install(self) -> None:
        self._admin("install", "classic", "sqlite")
        path = self.tracker / "config.ini"
        text = path.read_text()
        for old, new in [
            ("#web = NO DEFAULT", f"web = {self.url}"),
            ("#domain = NO DEFAULT", "domain = harbour.test"),
            ("#host = NO DEFAULT", "host = 127.0.0.1"),
            ("\ndebug = \n", f"\ndebug = {self.tracker / 'mail.txt'}\n"),
        ]:
            assert old in text, f"Roundup's configuration has no `{old.strip()}` any more"
            text = text.replace(old, new)
        path.write_text(text)
        for detector in "locum_webhook.py", "locum_reader.py":
            shutil.copy(ROOT / "deploy" / "roundup" / detector, self.tracker / "detectors")
        self.announce_to("http://127.0.0.1:9/", "whsec_" + base64.b64encode(bytes(32)).decode())
        self._admin("initialise", ADMINISTRATOR)

    def announce_to(self, url: str, secret: str) -> None:
        """Points the shipped detector at a receiver. A running tracker must be started again."""
        path = self.tracker / "detectors" / "config.ini"
        config = configparser.ConfigParser(interpolation=None)
        config.read(path)
        config["locum"] = {"webhook_url": url, "webhook_secret": secret}
        with path.open("w") as file:
            config.write(file)

    def _create_user(self, name: str, password: str, roles: str, **more: str) -> None:
        fields = {"username": name, "password": password, "address": f"{name}@harbour.test", "roles": roles, **more}
        self._admin("create", "user", *[f"{key}={value}" for key, value in fields.items()])

    def start(self) -> None:
        command = [HOME / "bin" / "roundup-server", "-n", "127.0.0.1", "-p", str(self.port)]
        if os.geteuid() == 0:
            # Roundup refuses to serve as root.
            group = _group_of(UNPRIVILEGED)
            subprocess.run(["chown", "-R", f"{UNPRIVILEGED}:{group}", self.tracker], check=True)
            _let_others_pass(self.tracker.parent)
            command += ["-u", UNPRIVILEGED, "-g", group]
        self.server = Server("Roundup", [*command, f"demo={self.tracker}"], self.log)
        wait_until(lambda: http("GET", self.url).status == 200, "Roundup answers", self.server)

    def stop(self) -> None:
        if self.server:
            self.server.stop()

    def rest(self, user: str, method: str, path: str, body: dict | None = None, headers: dict | None = None):
        secret = base64.b64encode(f"{user}:{self.passwords[user]}".encode()).decode()
        origin = self.url.removesuffix("/demo/")
        sent = {
            "Authorization": f"Basic {secret}",
            "X-Requested-With": "rest",
            "Origin": origin,
            "Referer": self.url,
            "Content-Type": "application/json",
            "Accept": "application/json",
            **(headers or {}),
        }
        return http(method, f"{self.url}rest/data/{path}", sent, json.dumps(body).encode() if body else None)

    def create_issue(self, customer: str, title: str, assignee: str, status: str = "in-progress") -> str:
        """The customer writes the case, as the customer; returns its number."""
        fields = {"title": title, "assignedto": assignee, "status": status}
        answer = self.rest(customer, "POST", "issue", fields)
        assert answer.status == 201, f"Roundup refused to create an issue: {answer.status} {answer.text}"
        return answer.json()["data"]["id"]

    def set_status(self, user: str, issue: str, status: str) -> None:
        current = self.rest(user, "GET", f"issue/{issue}").json()["data"]["@etag"]
        answer = self.rest(user, "PATCH", f"issue/{issue}", {"status": status}, {"If-Match": current})
        assert answer.status == 200, f"Roundup refused to set {status}: {answer.status} {answer.text}"


def _group_of(user: str) -> str:
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


def _let_others_pass(folder: Path) -> None:
    """A temporary folder is closed to other users; they need to walk through it, not to list it."""
    folder.chmod(folder.stat().st_mode | 0o011)
