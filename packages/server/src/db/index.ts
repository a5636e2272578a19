export { placeOf } from "./connection.ts";
export {
  isConnectionLoss,
  isInterruption,
  isOutOfRoom,
  retryOnConnectionLoss,
  standstillOf,
} from "./connection-loss.ts";
export { writePrivateFile } from "./data-folder.ts";
export type { Database, HotClient } from "./database.ts";
export { databaseUrlFlaw } from "./database-url.ts";
export { stopEmbeddedPostgres } from "./embedded/leftover.ts";
export { startThrowawayPostgres } from "./embedded/throwaway.ts";
export { joinDatabase } from "./join.ts";
export { kyselyFor } from "./kysely.ts";
export { type Log, silentLog } from "./log.ts";
export { type MigrationReport, migrate } from "./migrations.ts";
export { connectDatabase, openDatabase } from "./open-database.ts";
export { livingOwner, noteStopping } from "./owner.ts";
export { isGone, processStartId } from "./process-identity.ts";
export { createRepeats, kindOf } from "./repeats.ts";
export {
  type Column,
  fromTable,
  insertText,
  type Parameter,
  type ParameterValue,
  type Table,
  tableArrays,
  tableValues,
} from "./row-table.ts";
export { requireWritable } from "./server.store.ts";
export { startFailure } from "./start-failure.ts";
