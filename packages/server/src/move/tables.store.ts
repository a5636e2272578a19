import { pipeline } from "node:stream/promises";
import type { ClientBase } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";

/** A table as it is copied; names are quoted where they need it. */
export interface MovedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Tables whose rows its own refer to. */
  readonly refersTo: readonly string[];
  /** What draws its numbers. */
  readonly sequences: readonly string[];
}

/** Not carried along: what was done to this one database. */
const OF_ITS_OWN = "('yard_migrations', 'moved')";
/** What migrations put there themselves. */
const SEEDED =
  "('installation', 'definition_revision', 'own_event_place', 'audit_marks', 'work_place')";

const TABLES = `pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
  AND c.relname NOT IN ${OF_ITS_OWN}`;

/** By name. Reads the catalog alone. */
export async function readTables(client: ClientBase): Promise<MovedTable[]> {
  const columns = `FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''`;
  const { rows } = await client.query<MovedTable>(
    `SELECT quote_ident(c.relname) AS name,
       ARRAY(SELECT quote_ident(a.attname) ${columns} ORDER BY a.attnum) AS columns,
       ARRAY(SELECT DISTINCT quote_ident(r.relname) FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
             WHERE k.conrelid = c.oid AND k.contype = 'f' AND r.oid <> c.oid) AS "refersTo",
       array_remove(ARRAY(SELECT pg_get_serial_sequence(quote_ident(c.relname), a.attname) ${columns}), NULL) AS sequences
     FROM ${TABLES} ORDER BY c.relname`,
  );
  return rows;
}

/** A table that holds something besides what migrations put there; undefined: none, nobody has used it yet. */
export async function usedTable(client: ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT quote_ident(c.relname) AS name FROM ${TABLES} AND c.relname NOT IN ${SEEDED} ORDER BY c.relname`,
  );
  for (const { name } of rows) {
    const found = await client.query(`SELECT FROM ${name} LIMIT 1`);
    if (found.rowCount !== 0) return name;
  }
  return undefined;
}

/** Takes out what migrations put there. Locks the tables until the transaction ends. */
export async function emptyTables(
  client: ClientBase,
  tables: readonly MovedTable[],
): Promise<void> {
  await client.query(`TRUNCATE ${tables.map(({ name }) => name).join(", ")}`);
}

/** Copies the rows, as the reader's snapshot has them, and gives their number. Neither connection is of use after an abort. */
export async function copyTable(
  reader: ClientBase,
  writer: ClientBase,
  { name, columns }: MovedTable,
  signal: AbortSignal,
): Promise<number> {
  const rows = `${name} (${columns.join(", ")})`;
  const written = writer.query(copyFrom(`COPY ${rows} FROM STDIN`));
  await pipeline(reader.query(copyTo(`COPY ${rows} TO STDOUT`)), written, { signal });
  return written.rowCount ?? 0;
}

/** Numbers go on behind those that were drawn. */
export async function copySequence(
  reader: ClientBase,
  writer: ClientBase,
  sequence: string,
): Promise<void> {
  const { rows } = await reader.query<{ last: string; called: boolean }>(
    `SELECT last_value::text AS last, is_called AS called FROM ${sequence}`,
  );
  const [at] = rows;
  if (at === undefined) return;
  await writer.query("SELECT setval($1::regclass, $2::bigint, $3)", [sequence, at.last, at.called]);
}

/** A moment of the whole database, for as long as the transaction takes. Before its first query. */
export async function readOneMoment(client: ClientBase): Promise<void> {
  await client.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
}

/** One side waits for the other, for as long as a large table takes. */
export async function waitPatiently(client: ClientBase): Promise<void> {
  await client.query("SET LOCAL idle_in_transaction_session_timeout = 0");
}

/** Without it the first plans are made for empty tables. */
export async function analyze(client: ClientBase): Promise<void> {
  await client.query("ANALYZE");
}
