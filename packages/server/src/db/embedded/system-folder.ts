import { chmodSync, mkdirSync } from "node:fs";

/** Where root's clusters and the copy of the programs lie: PostgreSQL's user cannot enter a data folder. */
export const SYSTEM_FOLDER = "/var/lib/yardmaster";

/** Open to be entered whatever the umask. */
export function ensureSystemFolder(): void {
  mkdirSync(SYSTEM_FOLDER, { recursive: true });
  chmodSync(SYSTEM_FOLDER, 0o755);
}
