import type { Database } from "../db/index.ts";
import { type Schedules, timeOf } from "./schedules.ts";
import { ZONE_RULES } from "./task-row.ts";
import { databaseNow, lockStaleZones, moveDue } from "./tasks.store.ts";

/**
 * Works out anew when tasks are due that was worked out by other rules of time zones: countries change them, and Node.js
 * brings them along. What is due already, or was put off by somebody, stays.
 */
export async function renewZones(
  database: Pick<Database, "withTransaction">,
  schedules: Schedules,
): Promise<void> {
  await database.withTransaction(async (client) => {
    const rows = await lockStaleZones(client, ZONE_RULES);
    const now = await databaseNow(client);
    for (const row of rows) {
      const isKept =
        row.next_run === null || row.snoozed_from !== null || Date.parse(row.next_run) <= now;
      const next = isKept ? row.next_run : timeOf(schedules.of(row)?.next(now));
      await moveDue(client, { id: row.id, next: next ?? row.next_run, zoneRules: ZONE_RULES });
    }
  });
}
