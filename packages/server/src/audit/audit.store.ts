import type { AuditRecord } from "@yardmaster/protocol";
import { sql } from "kysely";
import type { ClientBase, Pool } from "pg";
import { kyselyFor } from "../db/index.ts";

export interface AuditFilter {
  readonly node?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly status?: string | undefined;
  readonly request?: string | undefined;
  /** At that time or later; RFC 3339. */
  readonly since?: string | undefined;
  /** Before; RFC 3339. */
  readonly until?: string | undefined;
  /** Only begins without an end. */
  readonly open?: boolean | undefined;
  /** The last entry of the page before. */
  readonly before?: AuditKey | undefined;
  readonly limit: number;
}

/** Order of the list: by time, then by place in the chain. */
export interface AuditKey {
  readonly ts: string;
  readonly seq: number;
}

interface Tables {
  audit_entries: Omit<AuditRecord, "hash"> & { hash: string; prev_hash: string };
}

const SHOWN = [
  "seq",
  "id",
  "ts",
  "actor",
  "action",
  "node",
  "node_id",
  "request_id",
  "phase",
  "status",
  "duration_ms",
  "exit_code",
  "session_id",
  "details",
] as const;

/** Newest first. */
export async function listEntries(pool: Pool, filter: AuditFilter): Promise<AuditRecord[]> {
  let query = kyselyFor<Tables>(pool)
    .selectFrom("audit_entries as e")
    .select(SHOWN.map((name) => `e.${name}` as const))
    .select(sql<string>`encode(e.hash, 'hex')`.as("hash"))
    .orderBy("e.ts", "desc")
    .orderBy("e.seq", "desc")
    .limit(filter.limit);
  for (const name of ["node", "actor", "action", "status"] as const) {
    const asked = filter[name];
    if (asked !== undefined) query = query.where(`e.${name}`, "=", asked);
  }
  if (filter.request !== undefined) query = query.where("e.request_id", "=", filter.request);
  if (filter.since !== undefined) query = query.where("e.ts", ">=", filter.since);
  if (filter.until !== undefined) query = query.where("e.ts", "<", filter.until);
  if (filter.before !== undefined) {
    const { ts, seq } = filter.before;
    query = query.where(sql<boolean>`(e.ts, e.seq) < (${ts}::timestamptz, ${seq})`);
  }
  if (filter.open === true)
    query = query.where("e.phase", "=", "begin").where(
      sql<boolean>`NOT EXISTS (
        SELECT FROM audit_entries o WHERE o.request_id = e.request_id AND o.phase = 'end')`,
    );
  return query.execute();
}

/** "YARD" and the number of this lock. */
const LOST_CALLS_LOCK = [0x59415244, 3] as const;

/** Waits for other processes that end lost calls. Of the transaction, so that a killed one does not keep it. */
export async function lockLostCalls(client: ClientBase): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock($1::int, $2::int)", [...LOST_CALLS_LOCK]);
}
