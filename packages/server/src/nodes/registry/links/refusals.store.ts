import type { Pool } from "pg";
import type { NodeRefused } from "../registry.types.ts";

/**
 * Keeps the last refusal of each of these nodes, but of none that was written within the last minute. In the order of
 * their ids: writers do not cross. The lock lets no node be deleted meanwhile, whose row would fail those of all.
 */
export async function noteRefusals(pool: Pool, refusals: readonly NodeRefused[]): Promise<void> {
  await pool.query({
    name: "note_node_refusals",
    text: `INSERT INTO node_refusals AS r (node_id, at, address, reason)
           SELECT n.id, clock_timestamp(), s.address, s.reason
           FROM unnest($1::uuid[], $2::text[], $3::text[]) AS s(node_id, address, reason)
           JOIN nodes n ON n.id = s.node_id
           WHERE NOT EXISTS (SELECT FROM node_refusals b
                             WHERE b.node_id = n.id AND b.at > clock_timestamp() - interval '1 minute')
           ORDER BY n.id FOR KEY SHARE OF n
           ON CONFLICT (node_id) DO UPDATE SET at = excluded.at, address = excluded.address, reason = excluded.reason
             WHERE r.at <= excluded.at - interval '1 minute'`,
    values: [
      refusals.map(({ nodeId }) => nodeId),
      refusals.map(({ address }) => address),
      refusals.map(({ reason }) => reason),
    ],
  });
}
