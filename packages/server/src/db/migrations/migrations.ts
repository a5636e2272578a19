import { join } from "node:path";
import { AppError } from "@yardmaster/protocol";
import type pg from "pg";
import { PACKAGE_ROOT } from "../../package-root.ts";
import { isOfTheServer } from "../connection/start-failure.ts";
import type { Log } from "../log.ts";
import { type MigrationFile, readMigrationFiles } from "./migration-files.ts";
import {
  type AppliedMigration,
  allowLongTransactions,
  applyMigration,
  lockMigrations,
  readAppliedMigrations,
  unlockMigrations,
} from "./migrations.store.ts";

export const migrationsFolder = join(PACKAGE_ROOT, "migrations");

export interface MigrationReport {
  /** File names of what this call applied, in order. */
  readonly applied: readonly string[];
}

/**
 * Brings the schema to what this build needs; processes that start together wait for each other.
 * @throws AppError `unavailable` when the database belongs to a newer, incompatible build; `internal` when an
 * applied migration has changed or a migration fails (its file and line are named, nothing of it remains).
 */
export async function migrate(
  pool: pg.Pool,
  options: { readonly log: Log; readonly folder?: string | undefined },
): Promise<MigrationReport> {
  const files = readMigrationFiles(options.folder ?? migrationsFolder);
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await allowLongTransactions(client);
    await lockMigrations(client);
    const lockedAt = performance.now();
    const before = await readAppliedMigrations(client);
    const pending = pendingMigrations(files, before);
    warnIfOlder(files, before, options.log);
    for (const file of pending) {
      await applyMigration(client, file).catch((error: unknown) => {
        throw migrationFailed(file, error);
      });
      options.log.debug({ migration: file.name }, "migration applied");
    }
    const to = pending.at(-1)?.name;
    if (to !== undefined) {
      const from = before.at(-1)?.name ?? null;
      const duration_ms = Math.round(performance.now() - lockedAt);
      options.log.info({ from, to, migrations: pending.length, duration_ms }, "database migrated");
    }
    await unlockMigrations(client);
    return { applied: pending.map(({ name }) => name) };
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    client.release(failure); // Destroyed after a failure, and the lock with it.
  }
}

/** Migrations that it does not know and that do not break it are let pass (`requireSame`). */
function warnIfOlder(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
  log: Log,
): void {
  const newest = applied.at(-1);
  if (newest === undefined || newest.number <= (files.at(-1)?.number ?? 0)) return;
  log.warn(
    { migration: newest.name },
    "the database is in use by a newer Yardmaster: this build can work with it, and should be brought up to date",
  );
}

function pendingMigrations(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): MigrationFile[] {
  const known = new Map(files.map((file) => [file.number, file]));
  const newest = files.at(-1)?.number ?? 0;
  for (const row of applied) requireSame(row, known.get(row.number), newest);
  const done = new Set(applied.map(({ number }) => number));
  const last = applied.at(-1)?.number ?? 0;
  const pending = files.filter(({ number }) => !done.has(number));
  const late = pending.find(({ number }) => number < last);
  if (late)
    throw new AppError(
      "internal",
      `Migration ${late.name} comes before ${last}, which was applied already.`,
    );
  return pending;
}

function requireSame(row: AppliedMigration, file: MigrationFile | undefined, newest: number): void {
  if (!file && row.number > newest) {
    if (!row.breaking) return;
    const what = `The database belongs to a newer Yardmaster (migration ${row.name}); this build knows ${newest}.`;
    throw new AppError("unavailable", `${what} Start a build that has it.`);
  }
  if (!file)
    throw new AppError(
      "internal",
      `Migration ${row.name} was applied to this database but is not in this build.`,
    );
  if (file.checksum === row.checksum) return;
  const what = `Migration ${file.name} has changed since it was applied to this database.`;
  throw new AppError(
    "internal",
    `${what} Restore the file and put the change into a new migration.`,
  );
}

/** What is no fault of the migration stays what it is: it may pass, or has a way out of its own. */
function migrationFailed(file: MigrationFile, cause: unknown): unknown {
  if (isOfTheServer(cause)) return cause;
  const { message, position } = cause as { message: string; position?: string };
  const line = position ? `:${file.sql.slice(0, Number(position)).split("\n").length}` : "";
  return new AppError("internal", `Migration ${file.name}${line} failed: ${message}`, { cause });
}
