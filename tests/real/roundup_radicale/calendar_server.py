"""Radicale as the application: believes the header of whoever reaches it, which is why only Locum may."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

from tests.blackbox.processes import Server, free_port, http, wait_until

from .environment import HOME

CALENDAR = "appointments"


class Radicale:
    """A calendar server that identifies people by `X-Remote-User` alone."""

    def __init__(self, folder: Path):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        config = folder / "radicale.ini"
        config.write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n"
            "[auth]\ntype = http_x_remote_user\n"
            "[rights]\ntype = owner_only\n"
            f"[storage]\nfilesystem_folder = {folder / 'collections'}\n"
        )
        command = [HOME / "bin" / "python", "-m", "radicale", "--config", config]
        self.server = Server("Radicale", command, folder / "radicale.log")
        wait_until(lambda: http("GET", self.url).status < 500, "Radicale answers", self.server)

    def stop(self) -> None:
        self.server.stop()

    def as_person(self, person: str, method: str, path: str, body: bytes | None = None, headers: dict | None = None):
        """What the person sees at home, without Locum in between."""
        return http(method, self.url + path, {"X-Remote-User": person, **(headers or {})}, body)

    def seed(self, person: str, appointments: int, filler_bytes: int) -> None:
        """Gives the person a calendar of many appointments; its whole download is `appointments × filler_bytes` long."""
        made = self.as_person(person, "MKCALENDAR", f"{person}/{CALENDAR}/")
        assert made.status == 201, f"Radicale refused a calendar: {made.status} {made.text}"
        calendar = _calendar(appointments, filler_bytes).encode()
        put = self.as_person(person, "PUT", f"{person}/{CALENDAR}/", calendar, {"Content-Type": "text/calendar"})
        assert put.status == 201, f"Radicale refused the appointments: {put.status} {put.text}"


def _calendar(appointments: int, filler_bytes: int) -> str:
    start = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//harbour//appointments//EN"]
    for number in range(appointments):
        begins = start + timedelta(hours=number)
        lines += [
            "BEGIN:VEVENT",
            f"UID:appointment-{number}@harbour.test",
            "DTSTAMP:20260301T000000Z",
            f"DTSTART:{begins:%Y%m%dT%H%M%SZ}",
            f"DTEND:{begins + timedelta(minutes=30):%Y%m%dT%H%M%SZ}",
            f"SUMMARY:Appointment {number}",
        ]
        lines += _folded("DESCRIPTION:" + "n" * filler_bytes) if filler_bytes else []
        lines.append("END:VEVENT")
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _folded(line: str) -> list[str]:
    """RFC 5545 §3.1: long lines continue behind a space."""
    return [line[:74]] + [" " + line[at : at + 73] for at in range(74, len(line), 73)]
