import { randomBytes } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { failureCode } from "@yardmaster/protocol";

/**
 * Copies a folder so that everybody can read it, whatever umask it was installed with; links are left out.
 * It appears whole or not at all; where another process was faster, its copy stays.
 */
export function copyTree(from: string, to: string, wanted: (name: string) => boolean): void {
  const draft = `${to}.${randomBytes(4).toString("hex")}.tmp`;
  mkdirSync(dirname(to), { recursive: true });
  try {
    copyFolder(from, draft, wanted);
    renameSync(draft, to);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    const code = failureCode(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}

function copyFolder(from: string, to: string, wanted: (name: string) => boolean): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, target, wanted);
    if (!entry.isFile() || !wanted(entry.name)) continue;
    copyFileSync(source, target);
    chmodSync(target, (statSync(source).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
