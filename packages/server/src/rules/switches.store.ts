import type { ClientBase, Pool } from "pg";

export interface Switches {
  /** The revision of the definitions at the moment at which these were the switches. */
  readonly revision: number;
  readonly of: ReadonlyMap<string, Switch>;
}

/** What somebody said of a rule, whatever its file says. */
export interface Switch {
  readonly enabled: boolean;
  /** RFC 3339. */
  readonly changedAt: string;
  readonly changedBy: string;
}

interface SwitchJson {
  readonly enabled: boolean;
  readonly changed_at: string;
  readonly changed_by: string;
}

/** Revision and switches in one statement, and so of one moment. */
export async function readSwitches(pool: Pool): Promise<Switches> {
  const result = await pool.query<{
    revision: number;
    switches: Record<string, SwitchJson> | null;
  }>(
    `SELECT revision, (SELECT json_object_agg(rule, json_build_object(
       'enabled', enabled, 'changed_at', changed_at, 'changed_by', changed_by)) FROM rule_switches) AS switches
     FROM definition_revision`,
  );
  const row = result.rows[0];
  const entries = Object.entries(row?.switches ?? {}).map(
    ([rule, { enabled, changed_at, changed_by }]) => {
      const changedAt = new Date(changed_at).toISOString();
      return [rule, { enabled, changedAt, changedBy: changed_by }] as const;
    },
  );
  return { revision: row?.revision ?? 0, of: new Map(entries) };
}

/** One row, locked to the end of the transaction; a switch that stands so already keeps its time and its author. */
export async function writeSwitch(
  client: ClientBase,
  rule: string,
  enabled: boolean,
  by: string,
): Promise<void> {
  await client.query(
    `INSERT INTO rule_switches (rule, enabled, changed_by) VALUES ($1, $2, $3)
     ON CONFLICT (rule) DO UPDATE SET enabled = excluded.enabled, changed_by = excluded.changed_by, changed_at = now()
     WHERE rule_switches.enabled <> excluded.enabled`,
    [rule, enabled, by],
  );
}
