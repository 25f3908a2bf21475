// The page under test: its scripts but the last, which alone touches the document, run here as they run in a browser.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

export const PAGE = new URL("../../verifier/locum-verify.html", import.meta.url);

export const source = readFileSync(PAGE, "utf8");

/** The text of every element of a name, with its id. */
export function blocks(name) {
  const found = source.matchAll(new RegExp(`<${name}(?: id="([a-z]+)")?>(.*?)</${name}>`, "gs"));
  return Array.from(found, ([, id, text]) => ({ id, text }));
}

/** As a Content Security Policy names a block. */
export const sealed = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const core = blocks("script").filter((block) => block.id !== "page");
const inner = "{ verify, personalPlaces, textsAt, canonical, crc32, sha256, base64, fromBase64, fromBase64url, needed, proofsOf, isStrongPoint }";
const run = core.map((block) => block.text).join("\n");

export const { verify, ...parts } = runInThisContext(`(() => {\n${run}\nreturn ${inner};\n})()`, { filename: PAGE.pathname });

/** The policy that lets just these blocks run, and nothing be loaded or reached. */
export function policy() {
  const all = (name) => blocks(name).map((block) => sealed(block.text)).join(" ");
  const nothing = "default-src 'none'; connect-src 'none'; base-uri 'none'; form-action 'none'";
  return `${nothing}; script-src ${all("script")}; style-src ${all("style")}`;
}
