"""The contract, driven from outside: `python3 -m tests.blackbox` with `LOCUM_BIN` naming the binary."""

import sys

from . import files, framing, kills, refusals, signing_in, story
from .checks import Checks
from .locum_process import BINARY
from .locum_world import World


def main() -> None:
    if not BINARY.exists():
        sys.exit(f"{BINARY} is not built; run `cargo build` first, or name it in LOCUM_BIN")
    checks = Checks()
    with World() as world:
        for chapter in story, refusals, signing_in, framing, files, kills:
            try:
                chapter.play(world, checks)
            except Exception as error:  # One broken chapter must not hide the others.
                checks.that(f"{chapter.__name__} plays to its end", False, repr(error))
        if checks.failed and world.server:
            print(f"\nthe server's last words:\n{world.server.last_words()}")
    checks.finish()


if __name__ == "__main__":
    main()
