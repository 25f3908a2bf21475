"""The virtual environment with the software nobody here wrote, made under `target/` on first use."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

#: The exit status that says "not here" to the test command.
NOT_HERE = 77
PACKAGES = ["roundup==2.6.0", "radicale>=3,<4", "caldav>=2,<4"]
ROOT = Path(__file__).resolve().parents[3]
HOME = Path(os.environ.get("LOCUM_VENV", ROOT / "target" / "venv-real"))


def enter() -> None:
    """Returns inside the environment; outside of it, makes it and starts this program again there."""
    if Path(sys.prefix).resolve() == HOME.resolve():
        return
    home = HOME if _others_can_reach(ROOT) else Path(tempfile.mkdtemp(prefix="locum-venv-"))
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    python = home / "bin" / "python"
    stamp, wanted = home / "packages", "\n".join(PACKAGES)
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, *PACKAGES], check=True)
        stamp.write_text(wanted)
    again = [str(python), "-m", "tests.real.roundup_radicale", *sys.argv[1:]]
    os.execve(python, again, {**os.environ, "LOCUM_VENV": str(home)})


def _others_can_reach(folder: Path) -> bool:
    """Roundup serves as another user when this one is root, and loads some modules only then."""
    return all(part.stat().st_mode & 0o001 for part in [folder, *folder.parents])
