"""Files with mistakes: `locum check` tells all of them at once, with file and line, and `serve` does not start."""

import shutil
from pathlib import Path

from . import harbour
from .checks import Checks
from .locum_world import World

#: file, what stands there, what the mistake is, a word the message must have
MISTAKES = [
    ("locum.toml", 'environment = "development"', 'environment = "development"\ncolour = "red"', "colour"),
    ("locum.toml", "grace_seconds = 4", 'grace_seconds = "four"', "grace_seconds"),
    ("files/people.toml", 'roles = ["manager"]', 'roles = ["emperor"]', "emperor"),
    ("files/people.toml", 'name = "Greta Gale"', 'name = "Greta Gale"\nshoe_size = 39', "shoe_size"),
    ("files/eligibility.toml", 'applications = ["parcels", "payroll"]', 'applications = ["*"]', "*"),
    ("files/eligibility.toml", "longest_minutes = 20", "longest_minutes = -20", "longest_minutes"),
    ("files/chains.toml", 'successor = "sol@harbour.example"', 'successor = "nobody@harbour.example"', "nobody@"),
    ("files/applications/parcels.toml", 'effect = "mint"', 'effect = "mintt"', "mintt"),
    ("files/applications/parcels.toml", 'owner = "ned@harbour.example"', 'owner = "ted@harbour.example"', "ted@"),
    ("files/applications/payroll.toml", 'tier = "regulated"', 'tier = "low"', "low"),
    ("rules/quay.cedar", "forbid (", "forbidd (", "quay.cedar"),
]


def play(world: World, checks: Checks) -> None:
    checks.chapter("Files with mistakes")
    good = world.locum("check", "--config", str(world.config))
    checks.that("the files of the story are in order", good.returncode == 0, good.stdout + good.stderr)
    live = world.locum("check", "--config", str(world.config), "--live")
    checks.that("and the desk's key only reads", live.returncode == 0, live.stdout + live.stderr)

    folder = world.folder / "mistaken"
    for name in "files", "rules", "secrets", "keys":
        shutil.copytree(world.folder / name, folder / name)
    shutil.copy(world.config, folder / "locum.toml")
    for mistake in MISTAKES:
        _make(folder, *mistake[:3])
    answer = world.locum("check", "--config", str(folder / "locum.toml"))
    told = answer.stdout + answer.stderr
    checks.that("`check` ends with status 2", answer.returncode == 2, f"{answer.returncode} {told}")
    for file, _, _, word in MISTAKES:
        name = Path(file).name
        lines = [line for line in told.splitlines() if name in line or word in line]
        has_line = any(f"{name}:" in line for line in told.splitlines())
        checks.that(f"it names `{word}` in {name}, with the line", word in told and has_line, lines or told)
    served = world.locum("serve", "--config", str(folder / "locum.toml"))
    checks.that("`serve` does not start from them", served.returncode == 2, f"{served.returncode} {served.stderr}")

    second = world.locum("serve", "--config", str(world.config))
    checks.that(
        "a second process on the same database is refused with a clear message",
        second.returncode in (1, 2) and "harbour.db" in second.stdout + second.stderr,
        f"{second.returncode} {second.stderr}",
    )
    for arguments, sentence in [
        (["dance"], "an unknown command is wrong usage"),
        (["evidence", "verify", "no-such-file.zip"], "a pack that is not there is wrong usage"),
        (["check", "--config", "no-such-file.toml"], "a configuration that is not there is wrong usage"),
    ]:
        answer = world.locum(*arguments)
        checks.that(f"{sentence}: status 2", answer.returncode == 2, f"{answer.returncode} {answer.stderr}")
    away = world.locum("list")
    checks.that("without a token the API is not asked in anybody's name", away.returncode in (1, 2, 3), away.stderr)
    production = harbour.files(1, 2, 3, 4, 5, 6, 7)["locum.toml"].replace('"development"', '"production"')
    (folder / "locum.toml").write_text(production)
    refused = world.locum("check", "--config", str(folder / "locum.toml"))
    checks.that(
        "development tokens are refused in production",
        refused.returncode == 2 and "production" in refused.stdout + refused.stderr,
        refused.stderr,
    )


def _make(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text, f"{file} has no `{old}` to spoil"
    path.write_text(text.replace(old, new, 1))
