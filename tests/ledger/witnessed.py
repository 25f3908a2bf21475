"""Witnesses, by somebody who knows C2SP's tlog-witness and tlog-cosignature and not Locum.

A server whose checkpoints `locum witness` cosigns is walked; and another `locum witness` is asked by a client of our
own what the protocol says it must answer.
"""

import base64
import hashlib
import time
from pathlib import Path

from tests.blackbox import ed25519, harbour
from tests.blackbox.checks import Checks
from tests.blackbox.locum_process import BINARY
from tests.blackbox.locum_world import World
from tests.blackbox.note import verifier_key
from tests.blackbox.processes import Answer, Server, free_port, http, wait_until
from tests.ledger import traffic
from tests.ledger.note import BadNote, VerifierKey, open_checkpoint
from tests.ledger.tiles import Log
from tests.ledger.walk import Walked, unproved, walk

CASE = 500_000
CLOCK_SECONDS = 60


class Witness:
    """A `locum witness` of somebody else."""

    def __init__(self, world: World, name: str, ledger: str):
        self.folder, self.port = world.folder / name, free_port()
        made = world.locum("witness", "init", str(self.folder), "--name", name)
        assert made.returncode == 0, made.stderr
        (self.folder / "ledgers").write_text(f"{ledger}\n")
        self.vkey = (self.folder / "witness.vkey").read_text().strip()
        self.key = VerifierKey.parse(self.vkey)
        self.url = f"http://127.0.0.1:{self.port}"
        command = [BINARY, "witness", "serve", self.folder, "--listen", f"127.0.0.1:{self.port}"]
        self.server = Server("locum witness", command, self.folder / "serve.log")
        wait_until(lambda: http("GET", f"{self.url}/").status > 0, "the witness listens", self.server, 30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()

    def add(self, old: object, proof: list[bytes], note: str) -> Answer:
        """`add-checkpoint`."""
        lines = [f"old {old}", *(base64.b64encode(node).decode() for node in proof), "", note]
        return http("POST", f"{self.url}/add-checkpoint", {}, "\n".join(lines).encode())


def play(world: World, checks: Checks) -> None:
    text = verifier_key(harbour.ORIGIN, world.folder / "keys" / "ledger.key")
    key = VerifierKey.parse(text)
    with Witness(world, "w.beta.example", text) as beta, Witness(world, "w.gamma.example", text) as gamma:
        checks.chapter("A ledger that somebody else watches is walked")
        walked = _cosigned(world, checks, key, beta)
        checks.chapter("A witness answers as its protocol says")
        _protocol(world, checks, key, gamma, walked)


def _cosigned(world: World, checks: Checks, key: VerifierKey, beta: Witness) -> Walked:
    world.stop()
    settings = world.config.read_text()
    policy = f"witnesses = '''\nwitness beta {beta.vkey} {beta.url}/\nquorum beta\n'''\n"
    world.config.write_text(settings.replace("[ledger]\n", f"[ledger]\n{policy}", 1))
    world.start()
    traffic.until(world, 300, CASE)
    log = Log(f"{world.url}/ledger")

    def is_cosigned() -> bool:
        return bool(open_checkpoint(log.checkpoint(), key, [beta.key]).cosigned)

    seconds = wait_until(is_cosigned, "the newest checkpoint is cosigned", world.server, 30)
    walked = walk(log, key, [beta.key])
    when = walked.checkpoint.cosigned.get(beta.key.name, 0)
    checks.that(f"the newest checkpoint is cosigned ({seconds:.1f} s)", abs(time.time() - when) < CLOCK_SECONDS, when)
    checks.that(f"and each of its {walked.checkpoint.size} entries is included", not unproved(walked))
    ignorant = open_checkpoint(walked.checkpoint.note.encode(), key, [])
    checks.that("whoever does not know the witness ignores it", beta.key.name in ignorant.unknown, ignorant)
    return walked


def _protocol(world: World, checks: Checks, key: VerifierKey, witness: Witness, first: Walked) -> None:
    seed = _seed(world.folder / "keys" / "ledger.key")
    size, note = first.checkpoint.size, _of_log_alone(first.checkpoint.note, key)
    newest = f"{witness.url}/{hashlib.sha256(harbour.ORIGIN.encode()).hexdigest()}/checkpoint"
    checks.that("before it saw anything, there is no checkpoint to read", http("GET", newest).status == 404)
    nobody = _signed("elsewhere.example", size, first.checkpoint.root, seed)
    forged = note[:-4] + ("A" if note[-4] != "A" else "B") + note[-3:]
    stranger = _signed(harbour.ORIGIN, size, first.checkpoint.root, bytes(32))
    for sentence, answer, status in [
        ("an origin it does not know", witness.add(0, [], nobody), 404),
        ("a signature that does not verify", witness.add(0, [], forged), 403),
        ("a signature of a stranger's key alone", witness.add(0, [], stranger), 403),
        ("an old size above the checkpoint's", witness.add(size + 1, [], note), 400),
        ("an old size with a leading zero", witness.add("00", [], note), 400),
        ("no old size", http("POST", f"{witness.url}/add-checkpoint", {}, note.encode()), 400),
        ("a proof from nothing", witness.add(0, [b"\0" * 32], note), 422),
        ("an old size it never cosigned", witness.add(size, [], note), 409),
    ]:
        checks.that(f"{sentence} is answered with {status}", answer.status == status, f"{answer.status} {answer.text}")

    answer = witness.add(0, [], note)
    when = _cosignature(note, answer, key, witness)
    checks.that("its first checkpoint is cosigned", abs(time.time() - when) < CLOCK_SECONDS, answer)
    again = witness.add(0, [], note)
    checks.that(
        "who does not know what it cosigned is told the size",
        (again.status, again.text, again.headers.get("Content-Type")) == (409, f"{size}\n", "text/x.tlog.size"),
        f"{again.status} {again.text!r} {again.headers}",
    )
    checks.that("the same checkpoint is cosigned again", witness.add(size, [], note).status == 200)
    other = _signed(harbour.ORIGIN, size, hashlib.sha256(b"another history").digest(), seed)
    checks.that("another root of that size is refused, whoever signed it", witness.add(size, [], other).status == 422)

    traffic.until(world, size + 100, CASE + 5_000)
    later = walk(Log(f"{world.url}/ledger"), key)
    proof, then = later.tree.consistency(size), _of_log_alone(later.checkpoint.note, key)
    for sentence, wrong in [
        ("no proof", []),
        ("a proof that is cut", proof[:-1]),
        ("a proof with one more", [*proof, proof[0]]),
        ("a proof with a flipped bit", [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]]),
        ("more lines than a proof can have", proof * 63),
    ]:
        answer = witness.add(size, wrong, then)
        checks.that(f"{sentence} is refused", answer.status in (400, 422), f"{answer.status} {answer.text}")
    grown = witness.add(size, proof, then)
    checks.that("a proved growth is cosigned", _cosignature(then, grown, key, witness) >= when, grown)
    checks.that("and the way back is closed", witness.add(size, [], note).status == 409)
    read = http("GET", newest)
    seen = open_checkpoint(read.body, key, [witness.key])
    is_newest = (seen.size, seen.root) == (later.checkpoint.size, later.checkpoint.root)
    checks.that("a monitor reads the newest with both signatures", is_newest and seen.cosigned, read.text)


def _cosignature(note: str, answer: Answer, key: VerifierKey, witness: Witness) -> int:
    """When the witness cosigned: the answer is signature lines, which are put behind the checkpoint."""
    if answer.status != 200:
        return 0
    try:
        return open_checkpoint(note.encode() + answer.body, key, [witness.key]).cosigned.get(witness.key.name, 0)
    except BadNote:
        return 0


def _of_log_alone(note: str, key: VerifierKey) -> str:
    """The checkpoint without the signatures of others."""
    text, lines = note.split("\n\n")
    own = [line for line in lines.splitlines() if line.split(" ")[1] == key.name]
    return f"{text}\n\n" + "".join(f"{line}\n" for line in own)


def _signed(origin: str, size: int, root: bytes, seed: bytes) -> str:
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    material = b"\x01" + ed25519.public_key(seed)
    key_id = hashlib.sha256(origin.encode() + b"\n" + material).digest()[:4]
    signature = base64.b64encode(key_id + ed25519.sign(seed, text.encode())).decode()
    return f"{text}\n— {origin} {signature}\n"


def _seed(file: Path) -> bytes:
    """Of a PKCS#8 PEM file (RFC 8410)."""
    der = base64.b64decode("".join(line for line in file.read_text().splitlines() if not line.startswith("---")))
    start = der.index(b"\x04\x22\x04\x20") + 4
    return der[start : start + 32]
