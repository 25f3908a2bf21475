"""The stock clients, from their package registries, under `target/` on first use."""

import os
import subprocess
import sys
from pathlib import Path

#: The exit status that says "not here" to the test command.
NOT_HERE = 77
PYTHON_PACKAGES = ["authlib==1.9.9", "requests>=2,<3"]
NODE_PACKAGES = ["openid-client@6.9.0", "jose@6.2.18"]
ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / "target" / "venv-oauth-clients"
NODE = ROOT / "target" / "node-oauth-clients"


def _is_made(folder: Path, packages: list[str]) -> bool:
    stamp = folder / "packages"
    return stamp.exists() and stamp.read_text() == "\n".join(packages)


def _note(folder: Path, packages: list[str]) -> None:
    (folder / "packages").write_text("\n".join(packages))


def enter() -> None:
    """Returns inside the environment; outside of it, makes it and starts this program again there."""
    if Path(sys.prefix).resolve() == HOME.resolve():
        return
    python = HOME / "bin" / "python"
    if not _is_made(HOME, PYTHON_PACKAGES):
        subprocess.run([sys.executable, "-m", "venv", "--clear", HOME], check=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, *PYTHON_PACKAGES], check=True)
        _note(HOME, PYTHON_PACKAGES)
    os.execv(python, [str(python), "-m", "tests.real.oauth_clients", *sys.argv[1:]])


def node_modules() -> None:
    """Installs what Node needs."""
    if _is_made(NODE, NODE_PACKAGES):
        return
    NODE.mkdir(parents=True, exist_ok=True)
    npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    subprocess.run([*npm, *NODE_PACKAGES], cwd=NODE, check=True)
    _note(NODE, NODE_PACKAGES)
