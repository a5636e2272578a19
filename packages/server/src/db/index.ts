export { passwordOf, placeOf } from "./connection/connection.ts";
export {
  isConnectionLoss,
  isInterruption,
  isOutOfRoom,
  retryOnConnectionLoss,
  standstillOf,
} from "./connection/connection-loss.ts";
export { databaseUrlFlaw } from "./connection/database-url.ts";
export { requireWritable } from "./connection/server.store.ts";
export { startFailure } from "./connection/start-failure.ts";
export { writePrivateFile } from "./data-folder/data-folder.ts";
export { joinDatabase } from "./data-folder/join.ts";
export { livingOwner, noteStopping } from "./data-folder/owner.ts";
export { isGone, processStartId } from "./data-folder/process-identity.ts";
export type { Database, HotClient } from "./database.ts";
export { postgresOwner } from "./embedded/cluster.ts";
export { stopEmbeddedPostgres } from "./embedded/leftover.ts";
export { ensureOpenFolder } from "./embedded/system-folder.ts";
export { startThrowawayPostgres } from "./embedded/throwaway.ts";
export { kyselyFor } from "./kysely.ts";
export { type Log, silentLog } from "./log.ts";
export { type MigrationReport, migrate } from "./migrations/migrations.ts";
export { connectDatabase, openDatabase } from "./open-database.ts";
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
} from "./rows/row-table.ts";
