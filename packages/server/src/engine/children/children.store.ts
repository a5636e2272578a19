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

/** What is to be done about a child: it is born or withdrawn, its end told, or it follows its parent. */
export type ChildAct = "start" | "withdraw" | "tell" | "cancel" | "pause" | "resume";

/** A child that somebody must see to: its process died before it did. */
export interface ChildAtRest extends ChildRow {
  readonly act: ChildAct;
}

export interface ChildEnd {
  readonly status: FinalStatus;
  readonly output: Json;
  readonly error: WorkError | null;
  readonly createdAt: Date;
  /** Who asked for its cancel; null where nobody did. */
  readonly canceledBy: string | null;
}

const COLUMNS = `c.child_id AS "childId", c.parent_id AS "parentId", c.slot, c.number, c.ref, c.input,
  p.pack_digest AS "packDigest", p.traceparent`;

/** What is new or ended is moved on at once by the process that made it so; a second later it is left over. */
const LEFT_OVER = "c.moved_at < clock_timestamp() - interval '1 second'";

/** Not born while its parent is paused: nothing more of that is started. A cancel withdraws it all the same. */
const HELD = "(c.state = 'new' AND p.paused_by IS NOT NULL AND NOT p.canceling)";

const ACT = `CASE WHEN c.state = 'ended' THEN 'tell' WHEN p.canceling THEN 'withdraw' ELSE 'start' END AS act`;
const OF_PARENT =
  "FROM runs p JOIN children c ON c.parent_id = p.id JOIN runs r ON r.id = c.child_id";

/** Children that wait for their birth, or for their end to be told. */
export const AT_REST = `FROM children c JOIN runs p ON p.id = c.parent_id
  WHERE c.state <> 'started' AND ${LEFT_OVER} AND NOT ${HELD}`;
/** Those that go on though their parent is being canceled, or is paused. */
export const TO_CANCEL = `${OF_PARENT} WHERE p.canceling AND c.state = 'started' AND NOT r.canceling`;
export const TO_PAUSE = `${OF_PARENT} WHERE p.paused_by IS NOT NULL AND c.state = 'started' AND r.paused_by IS NULL`;
/** Those that a parent holds which goes on. */
export const TO_RESUME = `FROM runs r JOIN children c ON c.child_id = r.id JOIN runs p ON p.id = c.parent_id
  WHERE r.paused_by IS NOT NULL AND r.paused_by = 'run:' || p.id AND p.paused_by IS NULL`;

/**
 * Children that nobody sees to, and those that are to follow their parents, but for some. Nothing is locked: births are guarded
 * by the row's state, ends, cancels and pauses may be told more than once.
 */
export async function childrenAtRest(
  pool: Pool,
  limit: number,
  without: readonly string[],
): Promise<ChildAtRest[]> {
  const others = "AND c.child_id <> ALL($2::uuid[])";
  const result = await pool.query<ChildAtRest>(
    `SELECT ${COLUMNS}, ${ACT} ${AT_REST} ${others}
     UNION ALL (SELECT ${COLUMNS}, 'cancel' ${TO_CANCEL} ${others})
     UNION ALL (SELECT ${COLUMNS}, 'pause' ${TO_PAUSE} ${others})
     UNION ALL (SELECT ${COLUMNS}, 'resume' ${TO_RESUME} ${others})
     LIMIT $1`,
    [limit, without],
  );
  return result.rows;
}

/**
 * What the pause of a run, or its end, asks of its children, as far as they are known at this moment. Reads alone; a
 * child that is being born meanwhile is found at rest, and one that was just called is born by who called it.
 */
export async function childrenToFollow(pool: Pool, parentId: string): Promise<ChildAtRest[]> {
  const result = await pool.query<ChildAtRest>(
    `SELECT ${COLUMNS}, 'start' AS act FROM children c JOIN runs p ON p.id = c.parent_id
     WHERE p.id = $1 AND c.state = 'new' AND ${LEFT_OVER} AND NOT p.canceling AND NOT ${HELD}
     UNION ALL (SELECT ${COLUMNS}, 'pause' ${TO_PAUSE} AND p.id = $1)
     UNION ALL (SELECT ${COLUMNS}, 'resume' ${TO_RESUME} AND p.id = $1)`,
    [parentId],
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
    `SELECT status, output, error, created_at AS "createdAt", CASE WHEN status = 'canceled' THEN
       (SELECT event->>'by' FROM journal j, json_array_elements(j.events) event
        WHERE j.run_id = h.id AND event->>'type' IN ('cancel_requested', 'abandoned') ORDER BY j.version LIMIT 1) END AS "canceledBy"
     FROM run_history h WHERE id = $1`,
    [childId],
  );
  const row = result.rows[0];
  return row === undefined ? undefined : { ...row, createdAt: new Date(row.createdAt) };
}

/** What the engine asks about runs that are steps of others. */
export interface ChildStore {
  childrenAtRest(limit: number, without: readonly string[]): Promise<ChildAtRest[]>;
  childrenToFollow(parentId: string): Promise<ChildAtRest[]>;
  withdrawChild(childId: string): Promise<boolean>;
  findChild(parentId: string, slot: string, number: number): Promise<string | undefined>;
  readChildEnd(childId: string): Promise<ChildEnd | undefined>;
}

export function createChildStore(pool: Pool): ChildStore {
  return {
    childrenAtRest: (limit, without) => childrenAtRest(pool, limit, without),
    childrenToFollow: (parentId) => childrenToFollow(pool, parentId),
    withdrawChild: (childId) => withdrawChild(pool, childId),
    findChild: (parentId, slot, number) => findChild(pool, parentId, slot, number),
    readChildEnd: (childId) => readChildEnd(pool, childId),
  };
}
