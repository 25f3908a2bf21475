"""The ledger from outside: `python3 -m tests.ledger [CHAPTER]...` with `LOCUM_BIN` naming the binary.

`LOCUM_LONG=1` plays the long runs in full.
"""

import sys

from tests.blackbox.checks import Checks
from tests.blackbox.locum_process import BINARY
from tests.blackbox.locum_world import World
from tests.ledger import faults, starts, whole, witnessed

CHAPTERS = {"whole": whole.play, "faults": faults.play, "starts": starts.play, "witnessed": witnessed.play}


def main() -> None:
    if not BINARY.exists():
        sys.exit(f"{BINARY} is not built; run `cargo build` first, or name it in LOCUM_BIN")
    checks = Checks()
    for name in sys.argv[1:] or CHAPTERS:
        with World() as world:
            try:
                CHAPTERS[name](world, checks)
            except Exception as error:  # One broken chapter must not hide the others.
                checks.that(f"{name} plays to its end", False, repr(error))
            if checks.failed and world.server:
                print(f"\nthe server's last words:\n{world.server.last_words()}")
    checks.finish()


if __name__ == "__main__":
    main()
