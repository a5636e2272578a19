import type { Question } from "@yardmaster/kernel";
import type { InquiryStatus, Json } from "@yardmaster/protocol";
import type { Pool } from "pg";

/** An inquiry as it is stored, with the ref of its run, which is null where the run is gone. */
export interface InquiryRow {
  readonly id: string;
  readonly run_id: string;
  readonly slot: string;
  readonly number: number;
  readonly status: InquiryStatus;
  readonly question: Omit<Question, "assignedTo">;
  readonly assigned_to: readonly string[] | null;
  readonly asked_at: string;
  readonly expires_at: string | null;
  readonly ended_at: string | null;
  readonly answer: Json;
  readonly answered_by: string | null;
  readonly ref: string | null;
  readonly pack_digest: string | null;
}

/** Place in the list: those that were asked last come first, and of one moment in the order of their steps and items. */
export interface InquiryKey {
  /** RFC 3339; inquiries are asked at whole milliseconds. */
  readonly asked_at: string;
  /** The slot. */
  readonly step: string;
  readonly id: string;
}

export interface InquiryFilter {
  readonly status?: InquiryStatus | undefined;
  readonly runId?: string | undefined;
  /** Of this live run, and of the runs that are its steps, theirs too. */
  readonly within?: string | undefined;
  readonly assignedTo?: string | undefined;
  readonly limit: number;
  /** The last of the page before. */
  readonly before?: InquiryKey | undefined;
}

/** The step, then the number of its item or round: `#10` comes after `#9`. */
const slotOrder = (slot: string): string =>
  `split_part(${slot}, '#', 1), coalesce(substring(${slot} from '#(\\d+)')::int, 0), ${slot}`;

const COLUMNS = `q.id, q.run_id, q.slot, q.number, q.status, q.question, q.assigned_to, q.asked_at, q.expires_at, q.ended_at,
  q.answer, q.answered_by, coalesce(r.ref, h.ref) AS ref, coalesce(r.pack_digest, h.pack_digest) AS pack_digest`;
const FROM =
  "FROM inquiries q LEFT JOIN runs r ON r.id = q.run_id LEFT JOIN run_history h ON h.id = q.run_id";

export async function selectInquiry(pool: Pool, id: string): Promise<InquiryRow | undefined> {
  const result = await pool.query<InquiryRow>(`SELECT ${COLUMNS} ${FROM} WHERE q.id = $1`, [id]);
  return result.rows[0];
}

/** A keyset page. The one that `before` names may be gone: its place is not. */
export async function selectInquiries(pool: Pool, filter: InquiryFilter): Promise<InquiryRow[]> {
  const values: unknown[] = [];
  const conditions = ["true"];
  const add = (value: unknown, condition: (parameter: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  // Written out: with a parameter the index of the open ones would not be used.
  if (filter.status !== undefined) conditions.push(`q.status = '${filter.status}'`);
  add(filter.runId, (p) => `q.run_id = ${p}`);
  add(
    filter.within,
    (p) => `q.run_id IN (
       WITH RECURSIVE tree (id) AS (
         SELECT ${p}::uuid UNION ALL SELECT c.child_id FROM tree JOIN children c ON c.parent_id = tree.id)
       SELECT id FROM tree)`,
  );
  add(filter.assignedTo, (p) => `q.assigned_to @> ARRAY[${p}::text]`);
  if (filter.before !== undefined) {
    const { asked_at: askedAt, step, id } = filter.before;
    values.push(askedAt, step, id);
    const [at, slot, last] = [2, 1, 0].map((back) => `$${values.length - back}`);
    conditions.push(
      `q.asked_at <= ${at}::timestamptz AND (q.asked_at < ${at}::timestamptz
         OR (${slotOrder("q.slot")}, q.id) > (${slotOrder(`${slot}::text`)}, ${last}::uuid))`,
    );
  }
  values.push(filter.limit);
  const result = await pool.query<InquiryRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE ${conditions.join(" AND ")} ORDER BY q.asked_at DESC, ${slotOrder("q.slot")}, q.id LIMIT $${values.length}`,
    values,
  );
  return result.rows;
}

/**
 * Whether the event that answered it has this claim. Only events that were applied are in the journal, and one alone
 * answers an inquiry. Reads the journal of the run: for requests that come again, and not for each.
 */
export async function isAnsweredUnder(pool: Pool, id: string, claim: string): Promise<boolean> {
  const { rows } = await pool.query<{ readonly is: boolean }>(
    `SELECT EXISTS (
       SELECT FROM inquiries q JOIN journal j ON j.run_id = q.run_id, json_array_elements(j.events) AS e
       WHERE q.id = $1 AND q.status = 'answered' AND e->>'type' = 'inquiry_answered'
         AND e->>'inquiry' = $1::text AND e->>'claim' = $2) AS is`,
    [id, claim],
  );
  return rows[0]?.is === true;
}
