// Whoever holds a ledger's key, or makes one up: a pack taken apart, bent, and signed again.

import { createHash, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { parts } from "./page.mjs";
import { unzip, withManifest } from "./zip.mjs";

const sha256 = (...bytes) => createHash("sha256").update(Buffer.concat(bytes.map((it) => Buffer.from(it)))).digest();

/** A key for notes; type 1 is a ledger's, type 4 a witness's. */
export function noteKey(name, type = 1) {
  const { privateKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x, "base64url");
  const typed = Buffer.concat([Buffer.from([type]), raw]);
  const id = sha256(`${name}\n`, typed).subarray(0, 4);
  const line = (signature) => `\u2014 ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
  return {
    vkey: `${name}+${id.toString("hex")}+${typed.toString("base64")}`,
    signed: (text) => `${text}\n${line(sign(null, Buffer.from(text), privateKey))}`,
    cosigned(note, time) {
      const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
      const stamp = Buffer.alloc(8);
      stamp.writeBigUInt64BE(BigInt(time));
      const message = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
      return note + line(Buffer.concat([stamp, sign(null, message, privateKey)]));
    },
  };
}

/** The slots of the ledger that a pack shows: each an entry, and what it disclosed. */
export function slotsOf(pack) {
  const files = new Map(unzip(pack));
  const rows = new Map();
  for (const [name, content] of files) {
    if (!name.startsWith("payloads/")) continue;
    for (const line of content.toString().trimEnd().split("\n")) {
      const row = JSON.parse(line);
      for (const [place, value] of Object.entries(row.personal?.values ?? {})) put(row.body, place, value);
      rows.set(row.position, row);
    }
  }
  const bundle = [...files].find(([name]) => name.startsWith("entries/"))[1];
  const slots = [];
  for (let at = 0; at < bundle.length; ) {
    const length = bundle.readUInt16BE(at);
    const entry = JSON.parse(bundle.subarray(at + 2, at + 2 + length));
    slots.push({ entry, row: rows.get(slots.length) });
    at += 2 + length;
  }
  return slots;
}

/** Sets what stands at a place (RFC 6901) of a body. */
function put(body, place, value) {
  const names = place.split("/").slice(1).map((it) => it.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = names.pop();
  names.reduce((at, name) => at[name], body)[last] = value;
}

/** A row as a pack writes it: its personal values apart. */
function apart({ body, salt, stream, personal }) {
  const values = new Map();
  for (const place of parts.personalPlaces(stream, body.type)) {
    parts.textsAt(body, place.split("/").slice(1), "", values);
  }
  if (values.size === 0) return { body, salt, stream };
  const rest = structuredClone(body);
  for (const place of values.keys()) put(rest, place, "erased");
  const own = personal?.salt ?? "5a".repeat(32);
  return { body: rest, salt, stream, personal: { salt: own, values: Object.fromEntries(values) } };
}

/** What stands in an entry for a payload. */
function committed(row) {
  const { body, salt, personal } = apart(row);
  const kind = body.type;
  const salted = Buffer.from(salt, "hex");
  const told = parts.canonical(body);
  if (!personal) return { commitment: sha256("locum-payload/v1\n", salted, told).toString("hex"), kind };
  const half = sha256("locum-personal/v1\n", Buffer.from(personal.salt, "hex"), parts.canonical(personal.values));
  return { commitment: sha256("locum-payload/v2\n", salted, half, told).toString("hex"), kind };
}

/** The entries' bytes, those of each access event counted and chained as a ledger does it. A finding is told of the
 * session as it then stands: its maker was shown just this history. */
function chained(slots) {
  const newest = new Map();
  const shown = {};
  return slots.map(({ entry, row }, position) => {
    if (row?.body.type === "review-completed") Object.assign(row.body.completion.shown, shown);
    const { nth, previous: before, ...said } = entry;
    const { event } = said;
    const [count, previous] = newest.get(event) ?? [0];
    const place = event && { nth: count + 1, ...(previous && { previous }) };
    const bytes = Buffer.from(parts.canonical({ ...said, ...(row && committed(row)), ...place }));
    const leaf = sha256([0], bytes).toString("hex");
    if (event) newest.set(event, [count + 1, leaf]);
    if (row?.stream.startsWith("session/")) look(shown, row.body, position, leaf);
    return bytes;
  });
}

/** Takes an entry of the session into what its reviewer is shown. */
function look(shown, body, position, leaf) {
  if (["refused", "evidence-read"].includes(body.type)) return;
  if (body.type === "session-started") Object.assign(shown, { activation: position, admitted: 0, completed: 0, refused: 0 });
  const counted = /^access-(admitted|completed|refused)$/.exec(body.type)?.[1];
  if (counted) shown[counted] += 1;
  if (body.type === "session-ended") Object.assign(shown, { ended_because: body.because, ended_at: body.at });
  Object.assign(shown, { last: position, leaf });
}

/** A pack over these slots, whole and signed by this key; files that follow from other parts are taken as they were. */
export function forged(pack, slots, key) {
  const origin = key.vkey.split("+")[0];
  const bytes = chained(slots);
  const levels = [bytes.map((it) => sha256([0], it))];
  while (levels.at(-1).length >= 256) levels.push(fullTiles(levels.at(-1)));
  const size = slots.length;
  const positions = slots.flatMap((slot, at) => (slot.row ? [at] : []));
  const tiles = new Map();
  const made = new Map();
  for (const [name, { folder, level, number, count }] of parts.needed(size, positions)) {
    const hashes = levels[level].slice(256 * number, 256 * number + count);
    tiles.set(`${level}/${number}`, hashes);
    const bundle = () => bytes.slice(256 * number, 256 * number + count).flatMap((it) => [short(it.length), it]);
    made.set(name, Buffer.concat(folder === "entries/" ? bundle() : hashes));
  }
  const note = key.signed(`${origin}\n${size}\n${rootOf(levels[0]).toString("base64")}\n`);
  made.set("checkpoint", Buffer.from(note));
  made.set("keys/ledger.vkey", Buffer.from(`${key.vkey}\n`));
  for (const [name, content] of parts.proofsOf(tiles, size, positions, note)) made.set(name, Buffer.from(content));
  const lines = new Map();
  for (const at of positions) {
    const name = `payloads/${grouped(Math.floor(at / 256))}.jsonl`;
    if (!lines.has(name)) lines.set(name, []);
    lines.get(name).push(`${parts.canonical({ ...apart(slots[at].row), position: at })}\n`);
  }
  for (const [name, told] of lines) made.set(name, Buffer.from(told.join("")));
  const isMade = ([name]) => /^(manifest\.json|checkpoint|keys\/|entries\/|payloads\/|proofs\/)/.test(name);
  const kept = unzip(pack).filter((file) => !isMade(file));
  return withManifest([...kept, ...made]);
}

const short = (length) => Buffer.from([length >> 8, length & 255]);
const fullTiles = (hashes) =>
  Array.from({ length: Math.floor(hashes.length / 256) }, (_, at) => rootOf(hashes.slice(256 * at, 256 * at + 256)));

function grouped(number) {
  const text = String(number).padStart(3, "0");
  return number < 1000 ? text : `x${text.slice(0, -3).padStart(3, "0")}/${text.slice(-3)}`;
}

/** RFC 6962, 2.1. */
function rootOf(hashes) {
  if (hashes.length === 1) return hashes[0];
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return sha256([1], rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}
