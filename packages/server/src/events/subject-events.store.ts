import { firstUuidAt, type Json } from "@yardmaster/protocol";
import type { Pool } from "pg";

/** An event about something, with some fields of its data. */
export interface SubjectEvent {
  readonly type: string;
  readonly subject: string;
  readonly data: Json;
}

/** So many a look can hold in memory; the newest count. */
const MOST = 2_000;

/**
 * What a source has brought about these subjects since a time, the newest first, with these fields of the data.
 * Reads the index of the source from there on. Locks nothing.
 */
export async function eventsOfSubjects(
  pool: Pool,
  of: {
    readonly source: string;
    readonly subjects: readonly string[];
    readonly sinceMs: number;
    readonly fields: readonly string[];
  },
): Promise<SubjectEvent[]> {
  const { rows } = await pool.query<SubjectEvent>({
    name: "events_of_subjects",
    text: `SELECT type, subject, (SELECT json_object_agg(key, value) FROM json_each(data) WHERE key = ANY ($4::text[])) AS data
           FROM events WHERE source = $1 AND id >= $2 AND subject = ANY ($3::text[])
             AND json_typeof(data) = 'object' ORDER BY id DESC LIMIT ${MOST}`,
    values: [of.source, firstUuidAt(of.sinceMs), of.subjects, of.fields],
  });
  return rows;
}
