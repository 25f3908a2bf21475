"""System calls of a running program made to fail, by strace."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.blackbox.processes import wait_until


@dataclass(frozen=True)
class Call:
    """One system call that fails, on some files."""

    name: str
    error: str
    #: `2` for the second one alone, `2+` for every one from the second on; counted for each thread
    when: str = "1+"

    def __str__(self) -> str:
        return f"{self.name} {self.error} {self.when}"


def why_not() -> str | None:
    """Why no call can be made to fail on this machine; nothing when it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(
        ["strace", "-f", "-o", os.devnull, "-e", "inject=fsync:error=EIO", sys.executable, "-c", "pass"],
        capture_output=True,
        text=True,
    )
    return None if tried.returncode == 0 else f"strace may not trace: {tried.stderr.strip()[:200]}"


class Failing:
    """Use with `with`: while it lasts, the calls of a process fail on these files."""

    def __init__(self, pid: int, calls: list[Call], files: list[Path], log: Path):
        self.pid, self.log = pid, log
        names = ",".join(sorted({call.name for call in calls}))
        self.command = ["strace", "-f", "-qq", "-o", str(log), "-p", str(pid), "-e", f"trace={names}"]
        for call in calls:
            self.command += ["-e", f"inject={call.name}:error={call.error}:when={call.when}"]
        for file in files:
            self.command += ["-P", str(file)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: self.process.poll() is not None or self._is_attached(), "strace is attached")
        if self.process.poll() is not None:
            raise OSError(f"strace: {self.process.stderr.read()}")
        return self

    def _is_attached(self) -> bool:
        """Every thread, or one that is not watched yet would not fail."""
        tasks = [Path(task) / "status" for task in Path(f"/proc/{self.pid}/task").iterdir()]
        return all(re.search(r"TracerPid:\t[1-9]", task.read_text()) for task in tasks)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)
        self.process.stderr.close()

    def injected(self) -> dict[str, int]:
        """How many calls of each name failed."""
        failed = [line for line in self.log.read_text(errors="replace").splitlines() if line.endswith("(INJECTED)")]
        # A call that another thread interrupted is told of in two lines: `<... fsync resumed>`.
        names = [re.search(r"(?:^|\s|<\.\.\. )(\w+)(?:\(| resumed>)", line)[1] for line in failed]
        return {name: names.count(name) for name in names}
