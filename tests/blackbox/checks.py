"""Checks that print one sentence each and let the story go on, so that one run shows everything that is wrong."""

import sys


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed: list[str] = []

    def that(self, sentence: str, holds: object, seen: object = "") -> bool:
        """Notes whether something holds; what was seen instead is shown when it does not."""
        if holds:
            self.passed += 1
            print(f"  ok      {sentence}")
        else:
            self.failed.append(sentence)
            print(f"  FAILED  {sentence}\n          seen: {str(seen)[:600]}", flush=True)
        return bool(holds)

    def refused(self, sentence: str, answer, status: int | tuple[int, ...], code: str | None) -> bool:
        """A refusal has the contract's status, and problem+json with the contract's reason code."""
        statuses = (status,) if isinstance(status, int) else status
        holds = answer.status in statuses and (code is None or answer.code() == code)
        return self.that(
            f"{sentence}: {answer.status} {answer.code() or ''}".rstrip(" :"), holds, f"{answer.status} {answer.text}"
        )

    def chapter(self, title: str) -> None:
        print(f"\n{title}", flush=True)

    def finish(self) -> None:
        """Says how it went and ends the program."""
        for sentence in self.failed:
            print(f"failed: {sentence}")
        print(f"\n{self.passed} passed, {len(self.failed)} failed")
        sys.exit(1 if self.failed else 0)
