// R24: one zip for a list of files and no other. Nothing in an archive leads out, swells, hides or stands twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judged, played } from "./packs.mjs";
import { deflated, unzip, withManifest, zip } from "./zip.mjs";

const { pack, key } = played();
const files = unzip(pack);

async function isRefused(bytes, sentence) {
  const answer = await judged(bytes, { key });
  assert.equal(answer.error, undefined);
  assert.equal(answer.status, "fails");
  assert.match(answer.why, sentence);
  assert.equal(answer.event, undefined, "nothing of a refused pack is shown");
}

const FORM = /in its one form/;

test("r24: the zip that these tests write is the pack's own form", () => {
  assert.ok(zip(files).equals(pack));
  assert.ok(withManifest(files).equals(pack));
});

test("r24: what is no zip, or an empty one, is refused", async () => {
  for (const bytes of ["", "PK", "PK\x03\x04", "%PDF-1.7", "PK\x03\x04".repeat(9), "\0".repeat(4096)]) {
    await isRefused(Buffer.from(bytes, "latin1"), /in its one form|not the first file/);
  }
  await isRefused(zip([]), /`manifest.json` is not the first file/);
});

test("r24: every freedom that a zip has is refused", async () => {
  const first = (change) => (record) => (record.name === "checkpoint" ? { ...record, ...change(record) } : record);
  for (const [what, bend] of [
    ["deflated", first(deflated)],
    ["said to be deflated", first(() => ({ method: 8 }))],
    ["another version", first(() => ({ version: 20 }))],
    ["encrypted", first(() => ({ flags: 1 }))],
    ["with a descriptor", first(() => ({ flags: 8 }))],
    ["with UTF-8 names", first(() => ({ flags: 0x800 }))],
    ["of another day", first(() => ({ date: 0x5b79 }))],
    ["of another hour", first(() => ({ time: 1 }))],
    ["with an extra field", first(() => ({ extra: Buffer.from("0100040000000000", "hex") }))],
    ["of another check sum", first(({ crc }) => ({ crc: crc ^ 1 }))],
    ["longer than it is", first(({ size }) => ({ size: size + 1 }))],
    ["packed longer than it is", first(({ packed }) => ({ packed: packed + 1 }))],
    ["elsewhere by the directory", first(({ at }) => ({ at: at + 1 }))],
    ["over another file", first(() => ({ at: 0 }))],
  ]) {
    const bytes = zip(files, bend);
    const answer = await judged(bytes, { key });
    assert.equal(answer.status, "fails", what);
    assert.match(answer.why, FORM, what);
  }
  await isRefused(zip(files, undefined, "a comment"), FORM);
});

test("r24: a bomb does not swell", async () => {
  const before = process.memoryUsage().arrayBuffers;
  const zeros = Buffer.alloc(64 << 20);
  const bomb = zip([...files, ["zeros", zeros]], (record) => (record.name === "zeros" ? deflated(record) : record));
  assert.ok(bomb.length < pack.length + 100_000);
  await isRefused(bomb, /compressed/);
  // Lengths up to four gigabytes, of which nothing is there.
  for (const size of [0xffffffff, 0xfffffffe, 0x7fffffff, pack.length]) {
    await isRefused(zip(files, (record) => ({ ...record, size, packed: size })), /a length beyond the file's end/);
  }
  // Seventy thousand names.
  const many = Array.from({ length: 70_000 }, (_, at) => [`a${at}`, Buffer.alloc(0)]);
  await isRefused(zip(many), FORM);
  assert.ok(process.memoryUsage().arrayBuffers - before < 256 << 20);
});

test("r24: a name that leads out, that stands twice or that nobody can see is refused", async () => {
  const named = (name) => zip(files.map(([it, content]) => [it === "report.html" ? name : it, content]));
  for (const name of ["../report.html", "a/../../report.html", "/report.html", "C:\\report.html", "..\\report.html", ".."]) {
    await isRefused(named(name), /leads out of the pack/);
  }
  for (const name of ["report.html\0", "report html", "r\u00e9port.html", "report\u202e.html", ""]) {
    await isRefused(named(name), /in its one form/);
  }
  await isRefused(named("reports/"), /is missing/);
  for (const [name, content] of files) {
    await isRefused(zip([...files, [name, content]]), new RegExp(`\`${name}\` stands twice`));
    await isRefused(zip([[name, Buffer.from("{}")], ...files]), /stands twice/);
  }
});

test("r24: a directory that says something else than the files is refused", async () => {
  const at = pack.indexOf(Buffer.from("504b0102", "hex"));
  for (let place = at; place < pack.length; place += 7) {
    const bent = Buffer.from(pack);
    bent[place] ^= 0x20;
    await isRefused(bent, FORM);
  }
  const half = zip(files.slice(0, 3));
  const cut = half.subarray(half.indexOf(Buffer.from("504b0102", "hex")));
  await isRefused(Buffer.concat([pack.subarray(0, at), cut]), FORM);
  await isRefused(Buffer.concat([half.subarray(0, half.length - cut.length), pack.subarray(at)]), FORM);
  await isRefused(Buffer.concat([pack, pack]), FORM);
});

test("r24: files in another order are refused", async () => {
  for (let turn = 1; turn < files.length; turn++) {
    const turned = [...files.slice(turn), ...files.slice(0, turn)];
    await isRefused(zip(turned), /not the first file/);
    const [first, ...rest] = files;
    const behind = [first, ...rest.slice(turn), ...rest.slice(0, turn)];
    if (turn < rest.length) await isRefused(zip(behind), /do not stand in the manifest's order/);
  }
});
