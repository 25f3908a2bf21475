// R24: whoever changes a pack that the real binary wrote, and covers their tracks in the manifest, is caught; or the
// page says that it does not check that part.

import assert from "node:assert/strict";
import { test } from "node:test";
import { forged, noteKey, slotsOf } from "./forge.mjs";
import { NOT_CHECKED, judged, played } from "./packs.mjs";
import { parts } from "./page.mjs";
import { unzip, withManifest, zip } from "./zip.mjs";

const { pack, key } = played();
const other = played();
const names = unzip(pack).map(([name]) => name);

/** Where the first entry of a kind stands. When the desk is asked is not the same in every play. */
const placeOf = (kind) => slotsOf(pack).findIndex(({ row }) => row?.body.type === kind);

/** The files, some of them changed. */
const changed = (change) => withManifest(unzip(pack).flatMap(([name, content]) => change(name, content) ?? [[name, content]]));
const onlyIn = (wanted, change) => changed((name, content) => (name === wanted ? [[name, change(content)]] : null));

/** Refused, unless it is one of the two files of which the page says that it does not check them. */
async function isSeen(name, bytes, what) {
  const answer = await judged(bytes, { key });
  assert.equal(answer.error, undefined, what);
  if (NOT_CHECKED.includes(name)) {
    assert.equal(answer.status, "verifies", what);
    assert.ok(answer.notChecked.some((it) => it.includes(name)), what);
  } else {
    assert.equal(answer.status, "fails", what);
    assert.match(answer.sentence, /^Does not verify: /, what);
  }
  return answer;
}

async function isRefused(bytes, sentence, told = { key }) {
  const answer = await judged(bytes, told);
  assert.equal(answer.error, undefined);
  assert.equal(answer.status, "fails", answer.sentence);
  assert.match(answer.why, sentence);
}

test("r24: the demo's pack verifies with its key, and without one is only consistent", async () => {
  const answer = await judged(pack, { key });
  assert.equal(answer.status, "verifies");
  assert.match(answer.sentence, /^Verifies: .* with the key you gave, .*; 4 approvals are not signed; 1 finding is not signed\.$/);
  assert.ok(answer.checks.every((check) => check.state === "passed" || check.state === "not made"));
  const untold = await judged(pack);
  assert.equal(untold.status, "consistent");
  assert.match(untold.sentence, /^Consistent, but not verified: /);
  assert.ok(untold.notChecked.some((it) => it.startsWith("Whose key it is")));
});

test("r24: no byte of the file changes unseen", async () => {
  for (let place = 0; place < pack.length; place += 61) {
    const bent = Buffer.from(pack);
    bent[place] ^= 1 << place % 8;
    await isRefused(bent, /./);
  }
  for (const length of [0, 4, 30, pack.length - 22, pack.length - 1]) await isRefused(pack.subarray(0, length), /./);
  await isRefused(Buffer.concat([pack, Buffer.from([0])]), /in its one form/);
  await isRefused(Buffer.concat([Buffer.from("MZ"), pack]), /in its one form/);
});

test("r24: no byte of any file changes unseen, though the manifest agrees", async () => {
  for (const [name, content] of unzip(pack).slice(1)) {
    const step = Math.max(1, Math.floor(content.length / 16));
    for (let place = 0; place < content.length; place += step) {
      const bent = Buffer.from(content);
      bent[place] ^= 1;
      await isSeen(name, onlyIn(name, () => bent), `byte ${place} of ${name}`);
    }
    await isSeen(name, onlyIn(name, () => Buffer.concat([content, Buffer.from("\n")])), `a line behind ${name}`);
    if (content.length > 0) await isSeen(name, onlyIn(name, () => Buffer.alloc(0)), `${name} emptied`);
  }
});

test("r24: a file dropped, added, renamed or taken from another pack is seen, though the manifest agrees", async () => {
  const theirs = new Map(unzip(other.pack));
  for (const name of names.slice(1)) {
    await isRefused(changed((it) => (it === name ? [] : null)), /./);
    await isRefused(changed((it, content) => (it === name ? [[`${it}x`, content]] : null)), /./);
    const isSame = theirs.get(name)?.equals(new Map(unzip(pack)).get(name));
    if (theirs.has(name) && !isSame) await isSeen(name, onlyIn(name, () => theirs.get(name)), `${name} of another pack`);
  }
  const more = ["a.txt", "approvals/99.json", "entries/001", "payloads/001.jsonl", "proofs/tile/1/000", "keys/other"];
  for (const name of more) {
    const added = withManifest([...unzip(pack), [name, Buffer.from("{}")]]);
    await isRefused(added, /added|have its form|canonical form|does not end|no `body`/);
  }
});

test("r24: a file altered, dropped or added without the manifest is named", async () => {
  const files = unzip(pack);
  for (const [at, [name, content]] of files.entries()) {
    if (at === 0) continue;
    const put = (...with_) => zip([...files.slice(0, at), ...with_, ...files.slice(at + 1)]);
    await isRefused(put([name, Buffer.concat([content, Buffer.from(" ")])]), new RegExp(`\`${name}\` is altered`));
    await isRefused(put(), new RegExp(`\`${name}\` is missing`));
  }
  await isRefused(zip([...files, ["z", Buffer.from("")]]), /`z` is added/);
});

test("r24: a manifest in another spelling, with another member or of another format is refused", async () => {
  const [[, content], ...rest] = unzip(pack);
  const manifest = JSON.parse(content);
  const first = Object.keys(manifest.files)[0];
  for (const bent of [
    JSON.stringify(manifest, null, 1),
    content.toString().replace("{", '{"a":1,'),
    content.toString().replace("locum-evidence/1", "locum-evidence/2"),
    content.toString().replace(`"${first}":`, `"${first}":"${"0".repeat(64)}","${first}":`),
    JSON.stringify({ format: manifest.format, files: manifest.files }),
    `\ufeff${content}`,
    "null",
    "[".repeat(100000),
  ]) {
    await isRefused(zip([["manifest.json", Buffer.from(bent)], ...rest]), /manifest/);
  }
});

test("r24: payloads reordered, doubled, dropped or swapped between entries open nothing", async () => {
  const lines = (change) => onlyIn("payloads/000.jsonl", (content) => {
    const all = content.toString().trimEnd().split("\n");
    return Buffer.from(change(all).join("\n") + "\n");
  });
  await isRefused(lines(([one, two, ...rest]) => [two, one, ...rest]), /not in order/);
  await isRefused(lines(([one, ...rest]) => [one, one, ...rest]), /not in order/);
  const swapped = lines((all) => {
    const [four, five] = [JSON.parse(all[1]), JSON.parse(all[2])];
    const put = (it, position) => JSON.stringify({ ...it, position });
    return [all[0], put(five, four.position), put(four, five.position), ...all.slice(3)];
  });
  await isRefused(swapped, /not the one that the ledger committed to/);
  // The last one left out: its proofs are of another end.
  await isRefused(lines((all) => all.slice(0, -1)), /`proofs\/last/);
  // Any other left out: the event's entries count themselves.
  const first = placeOf("request-approved");
  const unapproved = lines((all) => all.filter((line) => JSON.parse(line).position !== first));
  await isRefused(unapproved, /entry \d+ of the event is missing, which stands before entry \d+ of the ledger/);
});

test("r24: a database administrator's approval is not in the ledger", async () => {
  const rows = new Map(unzip(pack)).get("payloads/000.jsonl").toString().trimEnd().split("\n");
  const approval = rows.find((line) => line.includes('"type":"request-approved"'));
  const slipped = JSON.parse(approval);
  // At the end, beyond what the checkpoint covers, or over an entry that is there.
  const behind = `${JSON.stringify({ ...slipped, position: slotsOf(pack).length })}\n`;
  const beyond = onlyIn("payloads/000.jsonl", (content) => Buffer.concat([content, Buffer.from(behind)]));
  await isRefused(beyond, /beyond the checkpoint/);
  slipped.body.approval.by = "mallory@corp.example";
  const over = onlyIn("payloads/000.jsonl", (content) => {
    return Buffer.from(content.toString().replace(approval, JSON.stringify(slipped)));
  });
  await isRefused(over, /not the one that the ledger committed to/);
});

test("r24: a tail cut off needs the ledger's key", async () => {
  const slots = slotsOf(pack).slice(0, placeOf("review-opened"));
  const key2 = noteKey(key.split("+")[0]);
  const cut = forged(pack, slots, key2);
  await isRefused(cut, /and not by the key you gave/);
  // Under the checkpoint that was signed, the entries are missing.
  const signed = new Map(unzip(pack));
  const mixed = withManifest(unzip(cut).map(([name, content]) => {
    return [name, ["checkpoint", "keys/ledger.vkey"].includes(name) ? signed.get(name) : content];
  }));
  await isRefused(mixed, new RegExp(`\`entries/000.p/${slotsOf(pack).length}\` is missing`));
});

test("r24: a whole history made up with another key is at most consistent, and never the ledger's", async () => {
  const key2 = noteKey(key.split("+")[0]);
  const made = forged(pack, slotsOf(pack), key2);
  assert.equal((await judged(made)).status, "consistent");
  assert.equal((await judged(made, { key: key2.vkey })).status, "verifies");
  await isRefused(made, /and not by the key you gave/);
  // The right name over the wrong key.
  const posing = withManifest(unzip(made).map(([name, content]) => [name, name === "keys/ledger.vkey" ? Buffer.from(key) : content]));
  await isRefused(posing, /not signed by|does not verify/);
});

test("r24: what no pack can show, two histories or a newest entry withheld, is named among what is not checked", async () => {
  const ledger = noteKey(key.split("+")[0]);
  const told = { key: ledger.vkey };
  // The newest entries, gone from a ledger whose key signs again.
  const reviewed = placeOf("review-completed");
  const rewound = await judged(forged(pack, slotsOf(pack).slice(0, reviewed), ledger), told);
  assert.equal(rewound.status, "verifies");
  assert.ok(rewound.findings.some((it) => it.code === "review-open"));
  assert.ok(rewound.notChecked.some((it) => it.includes("shown another history")));
  // The newest row of the event not disclosed.
  const slots = slotsOf(pack);
  const isOwn = ({ row }) => row && /^(request|session|review)\//.test(row.stream);
  const last = slots.findLastIndex(isOwn);
  slots[last] = { entry: slots[last].entry };
  const withheld = await judged(forged(pack, slots, ledger), told);
  assert.equal(withheld.status, "verifies");
  assert.ok(withheld.notChecked.some((it) => it.startsWith("Whether the event went on")));
  // Any before it shows.
  const middle = slots.findLastIndex(isOwn);
  slots[last] = slotsOf(pack)[last];
  slots[middle] = { entry: slots[middle].entry };
  await isRefused(forged(pack, slots, ledger), /entry \d+ of the event is missing/, told);
});

test("r24: an entry that counts itself to another event, or out of order, is refused though its ledger signed it", async () => {
  const ledger = noteKey(key.split("+")[0]);
  const slots = slotsOf(pack);
  const own = slots.findLastIndex(({ row }) => row?.stream.startsWith("session/"));
  const { event } = slots[own].entry;
  slots[own].entry.event = event.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
  await isRefused(forged(pack, slots, ledger), /does not say that it is of this access event/, { key: ledger.vkey });
  delete slots[own].entry.event;
  delete slots[own].entry.nth;
  delete slots[own].entry.previous;
  await isRefused(forged(pack, slots, ledger), /does not say that it is of this access event/, { key: ledger.vkey });
});

test("r24: the evidence of a whole period is not judged as a pack, and the page says so", async () => {
  const manifest = Buffer.from(parts.canonical({ files: {}, format: "locum-population/1" }));
  const answer = await judged(zip([["manifest.json", manifest]]));
  assert.equal(answer.status, "fails");
  assert.match(answer.sentence, /^Not checked: this is the evidence of a whole period, which `locum evidence verify` checks/);
});

test("r05, r13, r20: what breaks a rule does not verify, though the ledger's own key signed it", async () => {
  const ledger = noteKey(key.split("+")[0]);
  const bent = (kind, change) => {
    const slots = structuredClone(slotsOf(pack));
    for (const { row } of slots) if (row?.body.type === kind) change(row.body);
    return forged(pack, slots, ledger);
  };
  const told = { key: ledger.vkey };
  for (const [kind, change, sentence] of [
    ["request-approved", (body) => (body.approval.by = "alice@corp.example"), /decided on their own request/],
    ["request-approved", (body) => (body.approval.by = "oscar@corp.example"), /decided twice/],
    ["request-approved", (body) => (body.approval.scope_digest = "0".repeat(64)), /approved something else/],
    ["request-filed", (body) => (body.request.duration = 600), /approved something else/],
    ["request-filed", (body) => (body.request.version = 2), /filed with something decided/],
    ["session-started", (body) => (body.session.subject = "dave"), /not the one that was approved/],
    ["session-started", (body) => body.session.applications.crm.operations.push("contact.delete"), /not the one that was/],
    ["session-started", (body) => (body.session.applications.constructor = { operations: [] }), /not the one that was/],
    ["review-completed", (body) => (body.completion.by = "mia@corp.example"), /reviewed a session that they had a part in/],
    ["request-activated", (body) => (body.request = "req_other"), /does not belong/],
    ["session-ended", (body) => (body.type = "session-imagined"), /was shown another session than the one on the record/],
  ]) {
    const answer = await judged(bent(kind, change), told);
    assert.equal(answer.error, undefined, `${kind} ${sentence}: ${answer.error}`);
    assert.match(answer.why ?? answer.sentence, sentence, kind);
  }
});
