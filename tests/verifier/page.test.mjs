// R24: the page itself: one file that reaches nothing, and computes what the standards say.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { blocks, parts, policy, source } from "./page.mjs";
import { forged, noteKey, slotsOf } from "./forge.mjs";
import { judged, played } from "./packs.mjs";

test("r24: the page's policy lets its own blocks run, and nothing be reached", () => {
  const [, said] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(source);
  assert.equal(said, policy(), "run `node tests/verifier/seal.mjs`");
  assert.ok(source.indexOf("Content-Security-Policy") < source.indexOf("<style"), "the policy stands before what it covers");
});

test("r24: the page is one file, and names nothing outside of it", () => {
  const markup = source.replace(/<(script|style)\b.*?<\/\1>/gs, "");
  assert.doesNotMatch(markup, /\s(src|href|action|srcset|style|on\w+)=/);
  assert.doesNotMatch(source, /\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|Worker|import)\s*\(/);
  assert.doesNotMatch(source, /\b(innerHTML|outerHTML|insertAdjacentHTML|eval|localStorage|indexedDB|document\.write)\b/);
  assert.doesNotMatch(source, /https?:\/\//);
  assert.ok(source.length < 160 * 1024, `${source.length} bytes`);
});

test("only the last block touches the document", () => {
  const core = blocks("script").filter((block) => block.id !== "page");
  for (const { id, text } of core) assert.doesNotMatch(text.replace(/\/\/.*/g, ""), /\b(document|window)\./, id);
});

test("SHA-256, CRC-32, canonical JSON and base64 are those of the standards", () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 65536]) {
    const bytes = randomBytes(length);
    const ours = Buffer.from(parts.sha256(new Uint8Array(bytes))).toString("hex");
    assert.equal(ours, createHash("sha256").update(bytes).digest("hex"));
  }
  assert.equal(parts.crc32(Buffer.from("123456789")), 0xcbf43926);
  // RFC 8785, 3.2.3, but for the numbers that a pack does not have.
  const sorted = { "\u20ac": "Euro", "\r": "CR", "\ufb33": "Dalet", 1: "One", "\ud83d\ude00": "Smiley", "\x80": "Control", "\xf6": "o" };
  const names = Object.keys(JSON.parse(parts.canonical({ a: sorted })).a);
  assert.equal(
    parts.canonical(sorted),
    '{"\\r":"CR","1":"One","\x80":"Control","\xf6":"o","\u20ac":"Euro","\ud83d\ude00":"Smiley","\ufb33":"Dalet"}',
  );
  assert.equal(names.length, 7);
  assert.equal(parts.canonical(JSON.parse('{"10":1,"9":2,"__proto__":3}')), '{"10":1,"9":2,"__proto__":3}');
  for (const value of [0.5, 2 ** 53, "\ud800", undefined]) assert.throws(() => parts.canonical(value));
  for (const spelling of ["AA", "AB==", "A===", "AA==\n", "AA=A", " AA==", "A-=="]) {
    assert.equal(parts.fromBase64(spelling), null, spelling);
  }
  assert.deepEqual([...parts.fromBase64("AA==")], [0]);
  for (const spelling of ["AB", "AA==", "A+A", "A"]) assert.equal(parts.fromBase64url(spelling), null, spelling);
});

test("r24: fifty megabytes of access records verify in a browser's time", async () => {
  const { pack } = played();
  const ledger = noteKey("ledger.example/locum");
  const slots = slotsOf(pack);
  const at = slots.findIndex(({ row }) => row?.body.type === "access-completed");
  const admitted = slots.findIndex(({ row }) => row?.body.type === "access-admitted");
  const many = Array.from({ length: 90_000 }, (_, turn) => {
    const slot = slots[turn % 2 ? at : admitted];
    const record = `rec_${String(turn >> 1).padStart(32, "0")}`;
    return { ...slot, row: { ...slot.row, body: { ...slot.row.body, record } } };
  });
  slots.splice(at + 1, 0, ...many);
  const bytes = forged(pack, slots, ledger);
  assert.ok(bytes.length > 50_000_000, `${bytes.length}`);
  const before = process.cpuUsage();
  const answer = await judged(bytes, { key: ledger.vkey });
  const seconds = process.cpuUsage(before).user / 1e6;
  assert.equal(answer.status, "verifies", answer.sentence);
  assert.equal(answer.event.timeline.length, slots.filter((slot) => slot.row).length);
  assert.ok(seconds < 30, `${seconds} s of CPU`);
  // One bit of it.
  bytes[bytes.length >> 1] ^= 1;
  assert.equal((await judged(bytes, { key: ledger.vkey })).status, "fails");
});

test("r24: a browser that cannot check a signature is refused, and no check is skipped", async () => {
  const { pack, key } = played();
  const { subtle } = globalThis.crypto;
  const without = async (other) => {
    Object.defineProperty(globalThis, "crypto", { value: other, configurable: true });
    try {
      return await judged(pack, { key });
    } finally {
      Object.defineProperty(globalThis, "crypto", { value: { subtle }, configurable: true });
    }
  };
  const lacking = (importKey) => ({ subtle: { digest: subtle.digest.bind(subtle), importKey, verify: subtle.verify.bind(subtle) } });
  const none = await without(lacking(() => Promise.reject(new DOMException("", "NotSupportedError"))));
  assert.match(none.sentence, /^Does not verify: this browser has no Ed25519 in WebCrypto/);
  assert.match((await without({})).sentence, /this browser has no WebCrypto/);
  const credulous = { ...lacking(subtle.importKey.bind(subtle)) };
  credulous.subtle.verify = () => Promise.resolve(true);
  assert.match((await without(credulous)).sentence, /verifies Ed25519 wrongly/);
});
