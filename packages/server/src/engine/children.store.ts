import type { FinalStatus, Json, WorkError } from "@yardmaster/protocol";
import type { Pool } from "pg";

/** A run that is a step of another, as its parent asked for it. */
export interface ChildRow {
  readonly childId: string;
  readonly parentId: string;
  readonly slot: string;
  readonly number: number;
  readonly ref: string;
  readonly input: Json;
  readonly packDigest: string | null;
  readonly traceparent: string | null;
}

/** A child that somebody must see to: its process died before it did. */
export interface ChildAtRest extends ChildRow {
  readonly state: "new" | "started" | "ended";
  /** Its parent is being stopped. */
  readonly isStopping: boolean;
}

export interface ChildEnd {
  readonly status: FinalStatus;
  readonly output: Json;
  readonly error: WorkError | null;
  readonly createdAt: Date;
}

const COLUMNS = `c.child_id AS "childId", c.parent_id AS "parentId", c.slot, c.number, c.ref, c.input,
  p.pack_digest AS "packDigest", p.traceparent`;

/** What is new or ended is moved on at once by the process that made it so; a second later it is left over. */
const LEFT_OVER = "c.state <> 'started' AND c.moved_at < clock_timestamp() - interval '1 second'";

/**
 * Children that nobody sees to, and those to be stopped with their parents. Nothing is locked: births are guarded
 * by the row's state, ends and cancels may be told more than once.
 */
export async function childrenAtRest(pool: Pool, limit: number): Promise<ChildAtRest[]> {
  const result = await pool.query<ChildAtRest>(
    `SELECT ${COLUMNS}, c.state, p.canceling AS "isStopping" FROM children c JOIN runs p ON p.id = c.parent_id
     WHERE ${LEFT_OVER}
     UNION ALL
     (SELECT ${COLUMNS}, c.state, true FROM runs p JOIN children c ON c.parent_id = p.id JOIN runs r ON r.id = c.child_id
      WHERE p.canceling AND c.state = 'started' AND NOT r.canceling)
     LIMIT $1`,
    [limit],
  );
  return result.rows;
}

/** Withdraws a child that is not born; false where it is. The row's state is the guard of both. */
export async function withdrawChild(pool: Pool, childId: string): Promise<boolean> {
  const result = await pool.query(
    "UPDATE children SET state = 'ended', moved_at = clock_timestamp() WHERE child_id = $1 AND state = 'new'",
    [childId],
  );
  return result.rowCount === 1;
}

export async function findChild(
  pool: Pool,
  parentId: string,
  slot: string,
  number: number,
): Promise<string | undefined> {
  const result = await pool.query<{ childId: string }>(
    `SELECT child_id AS "childId" FROM children WHERE parent_id = $1 AND slot = $2 AND number = $3`,
    [parentId, slot, number],
  );
  return result.rows[0]?.childId;
}

/** How a child ended; undefined where it was withdrawn before its birth. */
export async function readChildEnd(pool: Pool, childId: string): Promise<ChildEnd | undefined> {
  const result = await pool.query<ChildEnd>(
    `SELECT status, output, error, created_at AS "createdAt" FROM run_history WHERE id = $1`,
    [childId],
  );
  const row = result.rows[0];
  return row === undefined ? undefined : { ...row, createdAt: new Date(row.createdAt) };
}

/** What the engine asks about runs that are steps of others. */
export interface ChildStore {
  childrenAtRest(limit: number): Promise<ChildAtRest[]>;
  withdrawChild(childId: string): Promise<boolean>;
  findChild(parentId: string, slot: string, number: number): Promise<string | undefined>;
  readChildEnd(childId: string): Promise<ChildEnd | undefined>;
}

export function createChildStore(pool: Pool): ChildStore {
  return {
    childrenAtRest: (limit) => childrenAtRest(pool, limit),
    withdrawChild: (childId) => withdrawChild(pool, childId),
    findChild: (parentId, slot, number) => findChild(pool, parentId, slot, number),
    readChildEnd: (childId) => readChildEnd(pool, childId),
  };
}
