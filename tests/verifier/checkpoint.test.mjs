// R22, R24: the signed note, its cosignatures and the keys that somebody gives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { forged, noteKey, slotsOf } from "./forge.mjs";
import { parts } from "./page.mjs";
import { judged, played } from "./packs.mjs";
import { unzip, withManifest } from "./zip.mjs";

const { pack } = played();
const ledger = noteKey("ledger.example/locum");
const made = forged(pack, slotsOf(pack), ledger);
const note = new Map(unzip(made)).get("checkpoint").toString();

/** The pack under another note: it stands in three files. */
function under(other) {
  return withManifest(unzip(made).map(([name, content]) => {
    const isQuoted = name === "checkpoint" || name.endsWith(".tlog-proof");
    return [name, isQuoted ? Buffer.from(content.toString().replace(note, other)) : content];
  }));
}

const TIME = 1_679_315_147;
const one = noteKey("witness.example/w1", 4);
const two = noteKey("witness.example/w2", 4);
const told = { key: ledger.vkey };

test("r24: the cosignature of a witness whose key was given is verified, and others are named", async () => {
  const bytes = under(two.cosigned(one.cosigned(note, TIME), TIME + 60));
  const unknown = await judged(bytes, told);
  assert.equal(unknown.status, "verifies");
  assert.deepEqual(unknown.cosignatures.map((it) => [it.name, it.at, it.isChecked]), [
    ["witness.example/w1", "2023-03-20T12:25:47Z", false],
    ["witness.example/w2", "2023-03-20T12:26:47Z", false],
  ]);
  assert.ok(unknown.notChecked.some((it) => it.includes("witness.example/w1, witness.example/w2")));
  assert.ok(unknown.findings.some((it) => it.code === "checkpoint-unwitnessed"));
  const known = await judged(bytes, { ...told, witnesses: `# ours\n${one.vkey}\n` });
  assert.deepEqual(known.cosignatures.map((it) => it.isChecked), [true, false]);
  assert.ok(!known.findings.some((it) => it.code === "checkpoint-unwitnessed"));
  const check = known.checks.find((it) => it.id === "witnesses");
  assert.equal(check.detail, "cosigned by 1 of 1; not checked: witness.example/w2");
});

test("r24: a cosignature that does not verify refuses the pack, and one that is missing is not counted", async () => {
  const cosigned = one.cosigned(note, TIME);
  const line = cosigned.slice(note.length);
  const bent = (change) => under(note + change(line));
  const flip = (at) => (it) => {
    const [dash, name, spelling] = it.trim().split(" ");
    const raw = Buffer.from(spelling, "base64");
    raw[at] ^= 1;
    return `${dash} ${name} ${raw.toString("base64")}\n`;
  };
  const given = { ...told, witnesses: one.vkey };
  for (const at of [4, 11, 12, 60]) {
    const answer = await judged(bent(flip(at)), given);
    assert.equal(answer.why, "the cosignature by the witness `witness.example/w1` does not verify");
  }
  // Another key id is another key.
  const other = await judged(bent(flip(0)), given);
  assert.match(other.checks.find((it) => it.id === "witnesses").detail, /^cosigned by 0 of 1/);
  const none = await judged(made, given);
  assert.match(none.checks.find((it) => it.id === "witnesses").detail, /^cosigned by 0 of 1/);
  assert.ok(none.findings.some((it) => it.code === "checkpoint-unwitnessed"));
});

test("r24: the same witness twice is one, and a key of another type is named and never trusted", async () => {
  const twice = under(one.cosigned(one.cosigned(note, TIME), TIME + 1));
  const dilithium = noteKey("witness.example/w3", 6);
  const answer = await judged(twice, { ...told, witnesses: `${one.vkey}\n${dilithium.vkey}` });
  const { detail } = answer.checks.find((it) => it.id === "witnesses");
  assert.equal(detail, "cosigned by 1 of 2; of a type not understood here, and never trusted: witness.example/w3");
});

test("r24: a trust policy says whose word is needed, and its witnesses count by who runs them", async () => {
  const own = noteKey("w.ledger.example", 4);
  const third = noteKey("third.example/w", 4);
  const policy = (quorum, more = "") => ({
    witnesses: `# whom I trust\nlog ${ledger.vkey}\nwitness w1 ${one.vkey} witness.example\nwitness w2 ${two.vkey}\n`
      + `witness own ${own.vkey}\nwitness third ${third.vkey}\ngroup two 2 w1 w2\ngroup some any two third\n${more}quorum ${quorum}\n`,
  });
  const bytes = under(own.cosigned(two.cosigned(one.cosigned(note, TIME), TIME), TIME));
  const both = await judged(bytes, policy("some"));
  assert.equal(both.status, "verifies", "the policy lists the ledger's key");
  assert.match(both.sentence, /; seen by 1 outside witness; 4 approvals are not signed; 1 finding is not signed\.$/);
  assert.equal((await judged(bytes, policy("none"))).status, "verifies");
  const all = await judged(under(third.cosigned(one.cosigned(note, TIME), TIME)), policy("some"));
  assert.match(all.sentence, /; seen by 2 outside witnesses;/);
  const alone = await judged(under(own.cosigned(note, TIME)), policy("own"));
  assert.match(alone.sentence, /; vouched for by the operator alone;/);
  assert.ok(alone.findings.some((it) => it.code === "checkpoint-unwitnessed"));
  for (const [given, pack_, sentence] of [
    [policy("third"), bytes, /^the quorum `third` is not met: only witness.example\/w1, .* cosigned$/],
    [policy("two"), under(one.cosigned(note, TIME)), /^the quorum `two` is not met: only witness.example\/w1 cosigned$/],
    [policy("some"), made, /^the quorum `some` is not met: none of the witnesses cosigned$/],
    [policy("nobody"), bytes, /names `nobody`, which no line before it defines/],
    [policy("none", "quorum w1\n"), bytes, /is a second quorum/],
    [policy("none", "group w1 any third\n"), bytes, /member already/],
    [policy("none", "group more 2 own\n"), bytes, /asks for no number of its members/],
    [policy("none", "witness w1\n"), bytes, /is not `witness NAME VKEY \[URL\]`/],
    [policy("none", `witness none ${noteKey("w9.example", 4).vkey}\n`), bytes, /takes a name that is taken/],
    [policy("none", "trust me\n"), bytes, /is none of `log`, `witness`, `group`, `quorum`/],
    [{ witnesses: `witness w1 ${one.vkey}\n` }, bytes, /has no quorum/],
    [{ witnesses: `log ${noteKey("other.example").vkey}\nquorum none\n` }, bytes, /none of the ledgers that you trust/],
    [{ witnesses: `log ${noteKey("ledger.example/locum").vkey}\nquorum none\n` }, bytes, /that you trust signed the checkpoint/],
  ]) {
    const answer = await judged(pack_, given);
    assert.equal(answer.error, undefined);
    assert.match(answer.why ?? answer.sentence, sentence);
  }
});

test("r24: a key that is none, or for something else, is said to be", async () => {
  for (const [given, sentence] of [
    [{ key: "nonsense" }, /the ledger's key that you gave is not a verifier key/],
    [{ key: one.vkey }, /is not the key of a ledger/],
    [{ key: ledger.vkey.replace(/\+[0-9a-f]{8}\+/, "+00000000+") }, /its hash does not belong/],
    [{ key: noteKey("ledger.example/locum").vkey }, /and not by the key you gave/],
    [{ witnesses: ledger.vkey }, /is the key of a ledger/],
    [{ witnesses: "w1" }, /line 1 of whom you trust is not a verifier key/],
    [{ witnesses: `${one.vkey}\n${one.vkey}` }, /line 2 of whom you trust has the key of an earlier one/],
    [{ founders: "sam" }, /a founder's fingerprint that you gave is none/],
    [{ founders: `sam ${"A".repeat(43)}\nsam ${"B".repeat(42)}A` }, /named twice/],
    [{ founders: `sam ${"A".repeat(43)}\nprya ${"A".repeat(43)}` }, /two founders have one key/],
    [{ founders: "# nobody" }, /name no founder/],
  ]) {
    const answer = await judged(made, given);
    assert.equal(answer.error, undefined);
    assert.match(answer.why ?? "", sentence);
  }
});

test("r24: a note in another form is no checkpoint", async () => {
  const [text, signature] = note.split("\n\n");
  const [origin, size, root] = text.split("\n");
  const signed = (other) => under(ledger.signed(other));
  const own = noteKey("ledger.example/locum");
  for (const bytes of [
    under(`${text}\n${signature}`),
    under(`${note}\n`),
    under(note.slice(0, -1)),
    under(`${note}${signature}`),
    under(`${note}\u2014 other AAAA\n`),
    under(note.replace("\u2014", "-")),
    under(note.replaceAll("\n", "\r\n")),
    under(own.signed(`${text}\n`)),
    signed(`${origin}\n0${size}\n${root}\n`),
    signed(`${origin}\n${size}\n${root}\nmore\n`),
    signed(`${origin}\n${size}\n${root.slice(0, -4)}\n`),
    signed(`another\n${size}\n${root}\n`),
    signed(`${origin}\n${Number(size) + 1}\n${root}\n`),
    signed(`${origin}\n${Number(size) - 1}\n${root}\n`),
    signed(`${origin}\n0\n${root}\n`),
    signed(`${origin}\n9007199254740993\n${root}\n`),
    signed(`${origin}\n${size}\n${"A".repeat(43)}=\n`),
  ]) {
    const answer = await judged(bytes, told);
    assert.equal(answer.error, undefined);
    assert.equal(answer.status, "fails", new Map(unzip(bytes)).get("checkpoint").toString());
  }
});

test("keys of small order and points in another spelling are refused", () => {
  const hex = (digits) => new Uint8Array(Buffer.from(digits, "hex"));
  for (const weak of [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0200000000000000000000000000000000000000000000000000000000000000",
  ]) {
    assert.equal(parts.isStrongPoint(hex(weak)), false, weak);
  }
  assert.ok(parts.isStrongPoint(hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")));
});

test("the specification's own cosignature has the time that it says", async () => {
  const line = "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
  const answer = await judged(under(note + line), told);
  assert.deepEqual(answer.cosignatures, [
    { name: "witness.example.com/w1", id: "8d66cf3f", at: "2023-03-20T12:25:47Z", isChecked: false },
  ]);
});
