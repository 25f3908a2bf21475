// Packs by the real binary: the story that the demo plays, told twice.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { verify } from "./page.mjs";

const binary = process.env.LOCUM_BIN ?? fileURLToPath(new URL("../../target/debug/locum", import.meta.url));

/** A pack and the key it is signed by, as the demo leaves them. */
export function played() {
  const out = mkdtempSync(join(tmpdir(), "locum-verifier-"));
  try {
    execFileSync(binary, ["demo", "--once", "--out", out], { stdio: ["ignore", "ignore", "inherit"] });
    return { pack: readFileSync(join(out, "evidence.zip")), key: readFileSync(join(out, "ledger.vkey"), "utf8") };
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** What the page says of bytes. */
export const judged = (pack, told) => verify(new Uint8Array(pack), told);

/** The two files that the page does not check, and says so. */
export const NOT_CHECKED = ["access-event.json", "report.html"];
