// Writes the hashes of the page's own blocks into its Content Security Policy: run after every change of the page.
//     node tests/verifier/seal.mjs

import { writeFileSync } from "node:fs";
import { PAGE, policy, source } from "./page.mjs";

writeFileSync(PAGE, source.replace(/(http-equiv="Content-Security-Policy" content=")[^"]*/, `$1${policy()}`));
