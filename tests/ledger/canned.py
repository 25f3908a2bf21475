"""A log that was walked once and lies when it is asked again."""

from email.message import Message

from tests.ledger.tiles import Log


class Recording(Log):
    """Passes everything on and remembers what was answered."""

    def __init__(self, prefix: str):
        super().__init__(prefix)
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}

    def ask(self, path: str, method: str = "GET"):
        status, headers, data = super().ask(path, method)
        self.answers[path] = status, dict(headers.items()), data
        return status, headers, data


class Canned(Log):
    """Answers what was remembered."""

    def __init__(self, answers: dict[str, tuple[int, dict[str, str], bytes]]):
        self.answers = answers
        self.fetched = self.compressed = 0

    def ask(self, path: str, method: str = "GET"):
        status, headers, data = self.answers.get(path, (404, {}, b""))
        message = Message()
        for name, value in headers.items():
            message[name] = value
        return status, message, data
