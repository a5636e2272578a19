import { type Database, migrate } from "../db/index.ts";
import { settleRestored } from "../engine/index.ts";
import { refuseIfMoved } from "../move/index.ts";
import type { Logger } from "../telemetry/index.ts";
import type { Patiently } from "./patience.ts";

/**
 * Brings the schema up, and settles what a move or a backup has left. A worker may be there before the owner has come
 * so far; whoever is first does it, under a lock.
 */
export async function prepareDatabase(
  database: Database,
  patiently: Patiently,
  log: Logger,
): Promise<void> {
  await patiently(() => migrate(database.pool, { log }));
  await patiently(() => refuseIfMoved(database));
  if (await patiently(() => settleRestored(database)))
    log.warn(
      {},
      "the database was restored from elsewhere: what ran there is given out again here",
    );
}
