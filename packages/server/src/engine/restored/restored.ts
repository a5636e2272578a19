import type { Database } from "../../db/index.ts";
import { beginEpoch, endSessionsElsewhere, recordPlace, renumber } from "./restored.store.ts";

/**
 * Makes a database that was dumped in one place and restored in another one's own; true where it was. What a dump
 * brings along of its cluster and its processes is void here. Before the engine is started, in every process.
 */
export async function settleRestored(
  database: Pick<Database, "withTransaction">,
): Promise<boolean> {
  return await database.withTransaction(async (client) => {
    const moved = await recordPlace(client);
    if (!moved) return false;
    await beginEpoch(client);
    await renumber(client);
    await endSessionsElsewhere(client);
    return true;
  });
}
