import type { ClientBase, Pool } from "pg";

export interface Switches {
  /** The revision of the definitions at the moment at which these were the switches. */
  readonly revision: number;
  readonly enabled: ReadonlyMap<string, boolean>;
}

/** Revision and switches in one statement, and so of one moment. */
export async function readSwitches(pool: Pool): Promise<Switches> {
  const result = await pool.query<{ revision: number; switches: Record<string, boolean> | null }>(
    `SELECT revision, (SELECT json_object_agg(rule, enabled) FROM rule_switches) AS switches FROM definition_revision`,
  );
  const row = result.rows[0];
  return { revision: row?.revision ?? 0, enabled: new Map(Object.entries(row?.switches ?? {})) };
}

export async function writeSwitch(
  client: ClientBase,
  rule: string,
  enabled: boolean,
  by: string,
): Promise<void> {
  await client.query(
    `INSERT INTO rule_switches (rule, enabled, changed_by) VALUES ($1, $2, $3)
     ON CONFLICT (rule) DO UPDATE SET enabled = excluded.enabled, changed_by = excluded.changed_by, changed_at = now()`,
    [rule, enabled, by],
  );
}
