"""Roundup as case desk, Radicale as application: `python3 -m tests.real.roundup_radicale`."""

import base64
import secrets
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from .environment import NOT_HERE, enter

WEBHOOK_POLL_SECONDS, WEBHOOK_CUT_SECONDS = 300, 5
LOST_POLL_SECONDS, LOST_CUT_SECONDS = 2, 6


def main() -> None:
    try:
        enter()
    except subprocess.CalledProcessError as error:
        print(f"the packages could not be installed: {error}", file=sys.stderr)
        sys.exit(NOT_HERE)

    # Only inside the environment are the packages there.
    from tests.blackbox.checks import Checks

    from .calendar_server import Radicale
    from .company import READER_PASSWORD
    from .desk import Roundup
    from .story import CUSTOMER

    checks = Checks()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="locum-real-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        passwords = {CUSTOMER: "the-customer-s", "tessa": "the-agent-s"}
        roundup, radicale = Roundup(folder, passwords, READER_PASSWORD), Radicale(folder)
        stack.callback(radicale.stop)
        stack.callback(roundup.stop)
        radicale.seed(CUSTOMER, appointments=60, filler_bytes=200_000)

        checks.chapter(f"The tracker tells Locum by webhook (polling every {WEBHOOK_POLL_SECONDS} s)")
        run(folder / "told", roundup, radicale, checks, is_told=True)
        roundup.stop()
        checks.chapter(f"The webhook is lost, and polling every {LOST_POLL_SECONDS} s finds out")
        run(folder / "lost", roundup, radicale, checks, is_told=False)
    checks.finish()


def run(folder: Path, roundup, radicale, checks, *, is_told: bool) -> None:
    from tests.blackbox.locum_process import LocumProcess
    from tests.blackbox.processes import free_port

    from . import company, story

    server = free_port()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    # Nobody listens on the discard port.
    roundup.announce_to(f"http://127.0.0.1:{server if is_told else 9}/hooks/tracker", secret)
    roundup.start()
    folder.mkdir()
    company.write(
        folder,
        server=server,
        gateway=free_port(),
        address=free_port(),
        tracker=roundup.url,
        calendar=radicale.url,
        poll=WEBHOOK_POLL_SECONDS if is_told else LOST_POLL_SECONDS,
    )
    locum = LocumProcess(folder, server, {"TRACKER_WEBHOOK_SECRET": secret})
    try:
        locum.make_keys()
        locum.start()
        story.play(locum, roundup, radicale, checks, WEBHOOK_CUT_SECONDS if is_told else LOST_CUT_SECONDS)
        live = locum.locum("check", "--config", str(locum.config), "--live")
        checks.that("the account in the tracker only reads", live.returncode == 0, live.stdout + live.stderr)
    except Exception as error:  # The second run is worth seeing even when the first broke.
        checks.that("the story plays to its end", False, repr(error))
    finally:
        if checks.failed and locum.server:
            print(f"\nthe server's last words:\n{locum.server.last_words()}")
        locum.stop()


if __name__ == "__main__":
    main()
