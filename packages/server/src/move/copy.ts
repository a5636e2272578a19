import { AppError } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import { type Database, type Log, migrate } from "../db/index.ts";
import { endProcesses, holdOffProcesses } from "../engine/index.ts";
import { type Identity, readIdentity } from "./identity.store.ts";
import { writeMoved } from "./moved.store.ts";
import { refuseIfMoved } from "./moved.ts";
import {
  analyze,
  copySequence,
  copyTable,
  emptyTables,
  type MovedTable,
  readOneMoment,
  readTables,
  usedTable,
  waitPatiently,
} from "./tables.store.ts";

/** A database, and how messages call it: without its password. */
export interface Place {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  readonly name: string;
}

export interface CopyOptions {
  /** Whether the installation leaves where it is: nothing starts there any more. Nothing may be at work there then. */
  readonly leaves: boolean;
  readonly onTable: (table: string, rows: number) => void;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Carries a whole installation to a database that nobody has used, as it is at one moment, and all or nothing. The
 * server that starts there sees that it was moved, as after a restore (engine/restored).
 * @throws AppError `not_found`, `conflict`: which says what stands in the way, and nothing has changed
 */
export async function copyInstallation(
  source: Place,
  target: Place,
  { leaves, onTable, signal, log }: CopyOptions,
): Promise<void> {
  const own = await readIdentity(source.database.pool);
  refuseWithoutInstallation(source, own);
  await refuseIfMoved(source.database);
  refuseSame(own, await readIdentity(target.database.pool), target);
  await migrate(target.database.pool, { log });
  refuseOtherVersion(source, own, await readIdentity(target.database.pool));
  await source.database.withTransaction(async (reader) => {
    await readOneMoment(reader);
    await waitPatiently(reader);
    if (leaves) await refuseWhileAtWork(reader, source);
    await target.database.withTransaction(async (writer) => {
      await waitPatiently(writer);
      await refuseWhereUsed(writer, target);
      await copyAll(reader, writer, { onTable, signal });
    });
    if (leaves) await leave(reader, target);
  });
  await target.database.withTransaction(analyze);
}

function refuseWithoutInstallation({ name }: Place, { newest }: Identity): void {
  if (newest === undefined) throw new AppError("not_found", `There is no installation in ${name}.`);
}

function refuseSame(own: Identity, there: Identity, { name }: Place): void {
  if (own.place === there.place)
    throw new AppError("conflict", `The installation is in ${name} already.`);
}

function refuseOtherVersion({ name }: Place, own: Identity, there: Identity): void {
  if (own.newest === there.newest) return;
  const what = `${name} was last used by another version (its newest migration is ${own.newest}, not ${there.newest}).`;
  throw new AppError("conflict", `${what} Start this version on it once, then try again.`);
}

/** Processes are held off since before the copy. */
async function leave(client: ClientBase, { name }: Place): Promise<void> {
  await endProcesses(client, `the installation was moved to ${name}`);
  await writeMoved(client, name);
}

async function refuseWhileAtWork(reader: ClientBase, { name }: Place): Promise<void> {
  const [process] = await holdOffProcesses(reader);
  if (process === undefined) return;
  const what = `Process ${process.pid} on ${process.host} is at work in ${name}.`;
  const hint = "Stop all processes first; one that was killed counts for 6 s more.";
  throw new AppError("conflict", `${what} ${hint}`);
}

async function refuseWhereUsed(writer: ClientBase, { name }: Place): Promise<void> {
  const used = await usedTable(writer);
  if (used === undefined) return;
  const detail = `${name} is in use: its table ${used} has rows. Give a new, empty database.`;
  throw new AppError("conflict", detail);
}

async function copyAll(
  reader: ClientBase,
  writer: ClientBase,
  { onTable, signal }: Pick<CopyOptions, "onTable" | "signal">,
): Promise<void> {
  const tables = inOrder(await readTables(writer));
  await emptyTables(writer, tables);
  for (const table of tables) {
    signal.throwIfAborted();
    onTable(table.name, await copyTable(reader, writer, table, signal));
    for (const sequence of table.sequences) await copySequence(reader, writer, sequence);
  }
}

/** Each behind those it refers to; none refers to itself by way of others. */
function inOrder(tables: readonly MovedTable[]): MovedTable[] {
  const ordered = new Set<MovedTable>();
  const add = (table: MovedTable): void => {
    for (const other of tables) if (table.refersTo.includes(other.name)) add(other);
    ordered.add(table);
  };
  for (const table of tables) add(table);
  return [...ordered];
}
