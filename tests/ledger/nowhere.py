"""What is not there: paths beyond the end, and spellings that name nothing."""

from tests.blackbox.checks import Checks
from tests.ledger.tiles import HIGHEST_LEVEL, Log, path_of, widths

#: none of them is a path of the specification, whatever the size
MISSPELT = [
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/0/x000/000",
    "tile/0/000/000",
    "tile/0/x000",
    "tile/0/1000",
    "tile/0/001/000",
    "tile/0/x001/x000",
    "tile/0/x1/000",
    "tile/0/-01",
    "tile/0/+00",
    "tile/0/000/",
    "tile//0/000",
    "tile/0//000",
    "tile/00/000",
    "tile/01/000",
    "tile/-1/000",
    f"tile/{HIGHEST_LEVEL + 1}/000",
    "tile/256/000",
    "tile/0/000.p/0",
    "tile/0/000.p/00",
    "tile/0/000.p/01",
    "tile/0/000.p/+1",
    "tile/0/000.p/1/",
    "tile/0/000.p/256",
    "tile/0/000.p/257",
    "tile/0/000.p/-1",
    "tile/0/000.p/",
    "tile/0/000.p",
    "tile/0/000.P/1",
    "tile/0/000%2Ep/1",
    "tile/0/%30%30%30",
    "tile/0/00%30.p/1",
    "tile/0/..%2F0/000",
    "tile/0/x018/x446/x744/x073/x709/x551/616",
    "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    "tile/entries/0",
    "tile/entries/x000/000",
    "tile/entries/000.p/0",
    "tile/entries/000.p/256",
    "tile/entries/000.p/01",
    "tile/Entries/000",
    "tile/data/000",
    "tile/",
    "tile",
    "Checkpoint",
    "checkpoint/",
]


def play(checks: Checks, prefix: str, size: int) -> None:
    """The log must not have grown since it had this size."""
    checks.chapter("What is not there is not found")
    log = Log(prefix)
    found = {path: status for path in [*_beyond(size), *MISSPELT] if (status := log.ask(path)[0]) != 404}
    beyond = _beyond(size)
    checks.that(f"{len(beyond)} paths beyond the end are not found", not found.keys() & set(beyond), found)
    checks.that(f"{len(MISSPELT)} spellings that name nothing are not found", not found.keys() & set(MISSPELT), found)
    changing = {method: log.ask("checkpoint", method)[0] for method in ("POST", "PUT", "DELETE", "PATCH")}
    checks.that("nothing can be sent to it", set(changing.values()) == {405}, changing)


def _beyond(size: int) -> list[str]:
    """For each kind of resource: one hash more, the full tile that is not full yet, the one behind the last."""
    paths = []
    for level in range(HIGHEST_LEVEL + 1):
        row = widths(size, level)
        number, width = (len(row) - 1, row[-1]) if row and row[-1] < 256 else (len(row), 0)
        names = ["entries", level] if level == 0 else [level]
        for name in names:
            paths += [path_of(name, number, width + 1), path_of(name, number), path_of(name, number + 1, 1)]
            paths += [path_of(name, number + 1), path_of(name, number + 1000), path_of(name, 10**9 + number)]
    return paths
