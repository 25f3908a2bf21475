"""A Locum with a desk and two applications around it: start-up, and sessions for whoever needs one."""

import shutil
import tempfile
from pathlib import Path

from . import harbour
from .applications import Application
from .case_desk import CaseDesk
from .locum_process import LocumProcess, Person, Session, session_of
from .processes import free_port


class World(LocumProcess):
    """Writes the files and starts everything. Use with `with`."""

    def __init__(self, parcels_upstream: int | None = None, pin: list[str] | None = None):
        """For a benchmark: the port of another program that plays parcels, and what binds Locum to a processor."""
        self.desk = CaseDesk()
        self.parcels = Application(harbour.PARCEL_ACCOUNTS)
        self.payroll = Application()
        server_port, self.gateway_port, address = free_port(), free_port(), free_port()
        self.parcels_address = f"http://127.0.0.1:{address}/"
        folder = Path(tempfile.mkdtemp(prefix="locum-world-"))
        super().__init__(folder, server_port, {"HARBOUR_WEBHOOK_SECRET": self.desk.webhook_secret}, pin)
        self.hook = f"{self.url}/hooks/quay"
        upstream = parcels_upstream or self.parcels.port
        ports = (server_port, self.gateway_port, address, upstream, self.parcels.port, self.payroll.port)
        harbour.write(folder, harbour.files(*ports, self.desk.port))
        self.desk.add("31", "i.ivers", "c-31", "lighthouse")

    def __enter__(self):
        try:
            self.make_keys()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        for part in self.desk, self.parcels, self.payroll:
            part.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def person(self, name: str) -> Person:
        return Person(self.url, harbour.token(f"{name}@harbour.example"))

    def nobody(self) -> Person:
        return Person(self.url, None)

    def as_person(self, name: str, *arguments: str):
        """The command line as somebody."""
        return self.locum(*arguments, token=harbour.token(f"{name}@harbour.example"))

    def request_body(self, applications: dict[str, list[str]], case: str = "quay:31", **more) -> dict:
        """A good request: change one thing to make it a bad one."""
        return {
            "case": case,
            "reason": "The customer says that a slip lacks the March bonus; I need to see what they see.",
            "applications": [{"application": name, "operations": names} for name, names in applications.items()],
            "duration_minutes": 30,
            **more,
        }

    def session(self, name: str, applications: dict[str, list[str]], case: str = "quay:31", **more) -> Session:
        """The whole way from asking to a session, for whoever only needs one."""
        filed = self.person(name).post("/api/v1/requests", self.request_body(applications, case, **more))
        assert filed.status == 201, f"could not file: {filed.status} {filed.text}"
        self.approve_all(filed.json(), harbour.token)
        return self.activate(name, filed.json()["id"])

    def activate(self, name: str, request: str) -> Session:
        answer = self.person(name).post(f"/api/v1/requests/{request}/activate")
        assert answer.status == 201, f"could not activate: {answer.status} {answer.text}"
        return session_of(answer.json())
