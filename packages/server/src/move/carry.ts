import { AppError, type Carried, type CarryRequest } from "@yardmaster/protocol";
import { databaseUrlFlaw, type Log, silentLog } from "../db/index.ts";
import { readSettings } from "../settings/index.ts";
import { copyInstallation } from "./copy.ts";
import { deleteMoved, type Moved } from "./moved.store.ts";
import { EMBEDDED, openSource, openTarget, type PlaceRequest } from "./open-place.ts";

export interface CarryDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly onTable: (table: string, rows: number) => void;
  /** Ends it at once: then nothing was carried. */
  readonly signal: AbortSignal;
  readonly log?: Log;
}

/** The installation that a server started with these settings would have goes, or is copied, to another database. */
export async function carry(
  { task, target }: Extract<CarryRequest, { target: string }>,
  { env, cwd, onTable, signal, log = silentLog }: CarryDeps,
): Promise<Carried> {
  const began = performance.now();
  const leaves = task === "move";
  const own = installationOf({ env, cwd, log });
  const source = await openSource(own, { isAlone: leaves });
  try {
    const destination = await openTarget({ ...own, databaseUrl: addressOf(target) });
    try {
      const counts: number[] = [];
      const count = (table: string, rows: number): void => {
        counts.push(rows);
        onTable(table, rows);
      };
      await copyInstallation(source, destination, { leaves, onTable: count, signal, log });
      const rows = counts.reduce((sum, each) => sum + each, 0);
      const durationMs = Math.round(performance.now() - began);
      return {
        ...{ from: source.name, to: destination.name },
        ...{ tables: counts.length, rows, durationMs },
      };
    } finally {
      await destination.database.close();
    }
  } finally {
    await source.database.close();
  }
}

/** Lets an installation that was moved away be used where it was; undefined where it was not. */
export async function reopen({
  env,
  cwd,
  log = silentLog,
}: Omit<CarryDeps, "onTable" | "signal">): Promise<Moved | undefined> {
  const { database } = await openSource(installationOf({ env, cwd, log }), { isAlone: true });
  try {
    return await deleteMoved(database.pool);
  } finally {
    await database.close();
  }
}

function installationOf({
  env,
  cwd,
  log,
}: Pick<CarryDeps, "env" | "cwd"> & { readonly log: Log }): PlaceRequest {
  const { dataFolder, databaseUrl } = readSettings([], env, cwd);
  return { dataFolder, databaseUrl, log };
}

function addressOf(target: string): string | undefined {
  if (target === EMBEDDED) return undefined;
  const flaw = databaseUrlFlaw(target);
  if (flaw === undefined) return target;
  throw new AppError(
    "invalid_request",
    `The target ${flaw}, or "${EMBEDDED}" for the one that comes along`,
  );
}
