"""A case desk: a few cases as JSON, and a signed webhook when one closes."""

import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler
from threading import Thread

from .processes import Answer, LoopbackServer, free_port, http

KEY = "desk-reading-key"


class CaseDesk:
    """Answers `GET /desk/case/{id}` to whoever shows the key. `is_down` makes it answer 503."""

    def __init__(self):
        self.port = free_port()
        self.secret = secrets.token_bytes(32)
        self.cases: dict[str, dict] = {}
        self.is_down = False
        self.asked: list[str] = []
        desk = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                desk.asked.append(self.path)
                case = desk.cases.get(self.path.removeprefix("/desk/case/"))
                if desk.is_down:
                    return self.answer(503, {"error": "maintenance"})
                if self.headers.get("X-Desk-Key") != KEY:
                    return self.answer(401, {"error": "who are you"})
                return self.answer(200 if case else 404, {"case": case} if case else {"error": "no such case"})

            def do_PATCH(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.answer(403, {"error": "this key only reads"})

            do_POST = do_PUT = do_DELETE = do_PATCH

            def answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = LoopbackServer(("127.0.0.1", self.port), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def webhook_secret(self) -> str:
        return "whsec_" + base64.b64encode(self.secret).decode()

    def add(self, number: str, agent: str, account: str, company: str, status: str = "working", **more) -> None:
        opened = datetime.now(timezone.utc) - timedelta(hours=2)
        self.cases[number] = {
            "number": number,
            "status": status,
            "agent": agent,
            "subject_line": f"Something is wrong ({number})",
            "opened": opened.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "severity": "normal",
            "reporter": {"account": account, "company": company},
            **more,
        }

    def close(self, number: str) -> None:
        """Closes a case without telling anybody."""
        self.cases[number]["status"] = "done"

    def webhook(
        self,
        url: str,
        number: str | None,
        status: str | None,
        *,
        message_id: str | None = None,
        sent_at: float | None = None,
        secret: bytes | None = None,
    ) -> Answer:
        """Posts a change signed as Standard Webhooks has it: `id.timestamp.body`, HMAC-SHA256, base64."""
        body = json.dumps({"type": "case.changed", "case": {"number": number, "status": status}}).encode()
        message_id = message_id or f"msg_{secrets.token_hex(12)}"
        stamp = str(int(sent_at or time.time()))
        signed = b".".join([message_id.encode(), stamp.encode(), body])
        signature = base64.b64encode(hmac.new(secret or self.secret, signed, hashlib.sha256).digest()).decode()
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature}",
        }
        return http("POST", url, headers, body)

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self.server.shutdown()
            self.server.server_close()
