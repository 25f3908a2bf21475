// Zips: the pack's one form, and every way to write another one.

import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { parts } from "./page.mjs";

/** Names and contents. Reads by lengths, as it trusts what it reads. */
export function unzip(pack) {
  const files = [];
  for (let at = 0; pack.readUInt32LE(at) === 0x04034b50; ) {
    const [size, length] = [pack.readUInt32LE(at + 22), pack.readUInt16LE(at + 26)];
    const start = at + 30 + length;
    files.push([pack.toString("latin1", at + 30, start), pack.subarray(start, start + size)]);
    at = start + size;
  }
  return files;
}

/** An archive; `bend` changes one member's record before it is written, and `tail` is its comment. */
export function zip(files, bend = (record) => record, tail = "") {
  const written = [];
  const directory = [];
  let at = 0;
  for (const [name, content] of files) {
    const plain = { name, content, version: 10, flags: 0, method: 0, time: 0, date: 0x21, extra: Buffer.alloc(0), at };
    const record = bend({ ...plain, crc: parts.crc32(content), packed: content.length, size: content.length });
    const fields = Buffer.alloc(26);
    const shorts = [record.version, record.flags, record.method, record.time, record.date];
    shorts.forEach((value, place) => fields.writeUInt16LE(value, 2 * place));
    [record.crc, record.packed, record.size].forEach((value, place) => fields.writeUInt32LE(value >>> 0, 10 + 4 * place));
    fields.writeUInt16LE(Buffer.byteLength(record.name), 22);
    fields.writeUInt16LE(record.extra.length, 24);
    const spelled = Buffer.from(record.name);
    const local = [Buffer.from("504b0304", "hex"), fields, spelled, record.extra, record.content];
    const offset = Buffer.alloc(4);
    offset.writeUInt32LE(record.at);
    directory.push(Buffer.from("504b01020a00", "hex"), fields, Buffer.alloc(10), offset, spelled, record.extra);
    written.push(...local);
    at += local.reduce((sum, part) => sum + part.length, 0);
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length & 0xffff, 8);
  end.writeUInt16LE(files.length & 0xffff, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(tail.length, 20);
  return Buffer.concat([...written, entries, end, Buffer.from(tail)]);
}

/** Deflated, as any zip program writes a file. */
export function deflated(record) {
  const content = deflateRawSync(record.content);
  return { ...record, method: 8, content, packed: content.length };
}

/** The files under a manifest made for them, in its order: what somebody writes who covers their tracks. */
export function withManifest(files) {
  const rest = files.filter(([name]) => name !== "manifest.json").sort(([one], [two]) => (one < two ? -1 : 1));
  const digests = rest.map(([name, content]) => [name, createHash("sha256").update(content).digest("hex")]);
  const manifest = { files: Object.fromEntries(digests), format: "locum-evidence/1" };
  return zip([["manifest.json", Buffer.from(parts.canonical(manifest))], ...rest]);
}
