import type { ErrorCode, WorkError } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { retryOnConnectionLoss } from "../db/index.ts";
import type { ReadSecrets } from "../runners/index.ts";
import type { Sealer } from "../sealing/index.ts";
import { readSealed } from "./secrets.store.ts";

export interface SecretReaderDeps {
  readonly pool: Pool;
  /** Undefined where this process has no master key. */
  readonly sealer: () => Pick<Sealer, "open"> | undefined;
}

/** Of who cannot be stopped while the database is away: a source that is looked at, an agent's key. */
const MAX_WAIT_MS = 60_000;

/** Where a secret is sealed for. */
export function secretPlaceOf(name: string): string {
  return `secret:${name}`;
}

/** Whether a pack may use a secret. */
export function mayUse(packs: readonly string[] | null, pack: string): boolean {
  return packs === null || packs.includes(pack);
}

/** Reads the newest values of secrets, for those who may use them. One query for all that are asked for. */
export function createSecretReader({ pool, sealer }: SecretReaderDeps): ReadSecrets {
  return async (names, asker) => {
    const rows = await retryOnConnectionLoss(() => readSealed(pool, names), {
      ...(asker.signal === undefined ? { maxWaitMs: MAX_WAIT_MS } : { signal: asker.signal }),
    });
    const values: { [name: string]: string } = {};
    for (const name of names) {
      const row = rows.find((one) => one.name === name);
      if (row === undefined) return { error: missing(name, asker.runId) };
      if (!mayUse(row.packs, asker.pack)) return { error: refused(name, asker.pack) };
      const value = sealer()?.open(row.sealed, secretPlaceOf(name));
      if (value === undefined) return { error: unreadable(name) };
      values[name] = value;
    }
    return { values };
  };
}

function missing(name: string, runId: string | undefined): WorkError {
  const then = runId === undefined ? "" : `, then \`yard retry ${runId}\``;
  const message = `The secret "${name}" is not set. Set it: \`yard secrets set ${name}\`${then}.`;
  return flaw("secret_missing", name, message);
}

function refused(name: string, pack: string): WorkError {
  const message = `The secret "${name}" may not be used by the pack ${pack}. To allow it: \`yard secrets change ${name} --add-pack ${pack}\`.`;
  return flaw("secret_refused", name, message);
}

function unreadable(name: string): WorkError {
  const message = `The secret "${name}" does not open with the master key of this process: it was sealed under another. Give it that key (YARD_MASTER_KEY, or master.key in the data folder), or set the secret again: \`yard secrets set ${name}\`.`;
  return flaw("secret_unreadable", name, message);
}

function flaw(code: ErrorCode, name: string, message: string): WorkError {
  return { code, message, details: { secret: name } };
}
