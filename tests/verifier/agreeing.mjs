// Compares the page with the Rust verifier over the packs that crates/evidence/tests/page.rs made:
//     node tests/verifier/agreeing.mjs FOLDER

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { verify } from "./page.mjs";

const folder = process.argv[2];
const table = JSON.parse(readFileSync(join(folder, "table.json"), "utf8"));
const faults = [];

for (const { name, file, key, founders, trust, ours } of table) {
  const theirs = await verify(new Uint8Array(readFileSync(join(folder, file))), { key, founders, witnesses: trust });
  const said = theirs.why ?? theirs.sentence;
  const differs = (what) => faults.push(`${name} (${file}): ${what}\n  ours: ${JSON.stringify(ours)}\n  page: ${said}`);
  if (theirs.error) differs(`the page broke: ${theirs.error}`);
  else if (Boolean(ours.refused) !== (theirs.status === "fails")) differs("one refuses it");
  else if (ours.refused && theirs.why.includes("have its form")) differs("refused for its form, and not for what it says");
  else if (!ours.refused) {
    if (theirs.status !== "verifies") differs("it does not verify");
    if (!ours.sentence.endsWith(`, the key you gave${theirs.leads}`)) differs("another answer");
    if (!isDeepStrictEqual(theirs.findings, ours.findings.map(full))) differs("other findings");
    const cosigned = theirs.cosignatures.filter((it) => it.isChecked).map((it) => ({ witness: it.name, at: it.at }));
    if (!isDeepStrictEqual(cosigned, ours.witnesses.cosigned)) differs("other cosignatures");
    if (!isDeepStrictEqual(theirs.signatures.map(plain), ours.signatures.map(plain))) differs("other signatures");
  }
}

/** A finding of the checkpoint has no position. */
function full(finding) {
  return { code: finding.code, sentence: finding.sentence, position: finding.position };
}

/** By whom and for what, how old the key was, and what witnesses signed over its enrolment. */
function plain(signature) {
  const { by, position, request, signs, signed_by: key, enrolled_before_request_seconds: age } = signature;
  const under = signature.enrolled_under ?? null;
  return { by, position, request, signs, age, under, thumbprint: key.thumbprint, enrolled_by: key.enrolled_by ?? null };
}

console.log(`${table.length} packs, ${faults.length} judged otherwise`);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
