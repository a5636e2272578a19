import type { ClientBase, Pool } from "pg";
import type { TaskRow } from "../task-row.ts";
import { TASK_COLUMNS } from "../tasks.store.ts";

/** A task that is due, with the time of the database at which it was found to be. */
export type DueTask = TaskRow & { readonly now: string };

/** For so long no other scheduler looks at a task that one has found due: should that die, another goes on. */
const CLAIM_MS = 5_000;

/**
 * Tasks that are due, taken for CLAIM_MS by whoever asks first: rows that another scheduler is taking are skipped, and
 * not waited for. It takes work apart and decides nothing; that a fire is written once is up to `lockFired`.
 */
export async function claimDue(pool: Pool, limit: number): Promise<DueTask[]> {
  const { rows } = await pool.query<DueTask>({
    name: "tasks_claim_due",
    text: `UPDATE tasks t SET claimed_until = clock_timestamp() + ${CLAIM_MS} * interval '1 millisecond'
           FROM (SELECT id FROM tasks WHERE coalesce(next_run, resume_at) <= clock_timestamp()
                   AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
                 ORDER BY coalesce(next_run, resume_at) LIMIT $1 FOR UPDATE SKIP LOCKED) due
           WHERE t.id = due.id RETURNING ${TASK_COLUMNS}, clock_timestamp() AS now`,
    values: [limit],
  });
  return rows;
}

/** Milliseconds until a task is due that nobody is at; undefined: none ever. */
export async function nextDueInMs(pool: Pool): Promise<number | undefined> {
  const { rows } = await pool.query<{ ms: number | null }>({
    name: "tasks_next_due",
    text: `SELECT (extract(epoch FROM min(greatest(coalesce(next_run, resume_at), claimed_until)) - clock_timestamp()) * 1000)::float8 AS ms
           FROM tasks WHERE coalesce(next_run, resume_at) IS NOT NULL`,
  });
  return rows[0]?.ms ?? undefined;
}

/** What a fire is held against. */
export interface Standing {
  readonly version: number;
  readonly isOpen: boolean;
  readonly nextRun: number | undefined;
  readonly lastFire: string | null;
}

/** Locks the tasks to the end of the transaction, by id, so that two of them wait for each other and never deadlock. */
export async function lockFired(
  client: ClientBase,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Standing>> {
  const { rows } = await client.query<{
    id: string;
    version: string | number;
    open: boolean;
    next: string | number | null;
    last_fire: string | null;
  }>({
    name: "tasks_lock_fired",
    text: `SELECT id, version, status = 'active' AND NOT withdrawn AS open, last_fire,
             (extract(epoch FROM next_run) * 1000)::bigint AS next
           FROM tasks WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`,
    values: [[...new Set(ids)]],
  });
  return new Map(
    rows.map(({ id, version, open, next, last_fire }) => [
      id,
      {
        version: Number(version),
        isOpen: open,
        nextRun: next === null ? undefined : Number(next),
        lastFire: last_fire,
      },
    ]),
  );
}

/** What a fire leaves in the row of its task. */
export interface FiredTask {
  readonly id: string;
  readonly fire: string;
  /** It was the task's turn: it is due again at `next`, or completed. */
  readonly isTimed: boolean;
  readonly next: string | null;
  readonly runId: string | null;
  readonly missed: number;
  /** Why no run could be made. */
  readonly error: string | null;
}

/** Under the lock of `lockFired`; each task once. */
export async function writeFired(client: ClientBase, fired: readonly FiredTask[]): Promise<void> {
  if (fired.length === 0) return;
  await client.query({
    name: "tasks_write_fired",
    text: `UPDATE tasks t SET last_fire = f.fire,
             next_run = CASE WHEN f.timed THEN f.next ELSE t.next_run END,
             snoozed_from = CASE WHEN f.timed THEN NULL ELSE t.snoozed_from END,
             claimed_until = CASE WHEN f.timed THEN NULL ELSE t.claimed_until END,
             status = CASE WHEN f.timed AND f.next IS NULL THEN 'completed' ELSE t.status END,
             status_by = CASE WHEN f.timed AND f.next IS NULL THEN NULL ELSE t.status_by END,
             status_at = CASE WHEN f.timed AND f.next IS NULL THEN clock_timestamp() ELSE t.status_at END,
             last_run = CASE WHEN f.run_id IS NULL THEN t.last_run ELSE clock_timestamp() END,
             last_run_id = coalesce(f.run_id, t.last_run_id),
             run_count = t.run_count + CASE WHEN f.run_id IS NULL THEN 0 ELSE 1 END,
             missed_count = t.missed_count + f.missed,
             failures = CASE WHEN f.error IS NOT NULL THEN t.failures + 1 WHEN f.run_id IS NOT NULL THEN 0 ELSE t.failures END,
             last_error = CASE WHEN f.error IS NOT NULL THEN f.error WHEN f.run_id IS NOT NULL THEN NULL ELSE t.last_error END
           FROM unnest($1::uuid[], $2::uuid[], $3::bool[], $4::timestamptz[], $5::uuid[], $6::bigint[], $7::text[])
             AS f (id, fire, timed, next, run_id, missed, error)
           WHERE t.id = f.id`,
    values: [
      fired.map((one) => one.id),
      fired.map((one) => one.fire),
      fired.map((one) => one.isTimed),
      fired.map((one) => one.next),
      fired.map((one) => one.runId),
      fired.map((one) => one.missed),
      fired.map((one) => one.error),
    ],
  });
}
