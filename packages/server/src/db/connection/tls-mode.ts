import { readFileSync } from "node:fs";
import { failureCode } from "@yardmaster/protocol";

/** What `sslmode` may be. All but the outer two hold the certificate and its name against an authority. */
const MODES = ["disable", "require", "verify-ca", "verify-full", "no-verify"];
const CHECKED = ["require", "verify-ca"];
const FILES = ["sslrootcert", "sslcert", "sslkey"];

const queryOf = (url: string): URLSearchParams =>
  new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "");

/** What is wrong with what an address says of TLS; undefined: nothing. */
export function tlsModeFlaw(url: string): string | undefined {
  const query = queryOf(url);
  for (const name of FILES) {
    const path = query.get(name);
    if (path === null) continue;
    try {
      readFileSync(path);
    } catch (error) {
      return `names a file that cannot be read: ${name}=${path} (${failureCode(error)})`;
    }
  }
  const mode = query.get("sslmode");
  if (mode === null || MODES.includes(mode)) return undefined;
  const wayOut =
    "verify-full with a certificate that is checked, no-verify without, disable for no TLS";
  return `has sslmode=${mode}, which is none of ${MODES.join(", ")}; write ${wayOut}`;
}

/** As the driver takes it without a warning: what it checks as in `verify-full` is called so. */
export function strictMode(query: URLSearchParams): void {
  const isLibpq = query.get("uselibpqcompat") === "true";
  if (!isLibpq && CHECKED.includes(query.get("sslmode") ?? "")) query.set("sslmode", "verify-full");
}
