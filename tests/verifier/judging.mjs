// Says of each pack in FOLDER/table.json whether the page refuses it:
//     node tests/verifier/judging.mjs FOLDER

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { verify } from "./page.mjs";

const folder = process.argv[2];
const refused = [];
for (const { file, key, founders, trust } of JSON.parse(readFileSync(join(folder, "table.json"), "utf8"))) {
  const told = { key: key ?? undefined, founders: founders ?? undefined, witnesses: trust ?? undefined };
  const answer = await verify(new Uint8Array(readFileSync(join(folder, file))), told);
  if (answer.error) throw new Error(`${file}: ${answer.error}`);
  refused.push(answer.status === "fails");
}
console.log(JSON.stringify(refused));
