import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import { connectDatabase, type Database, type Log, silentLog } from "../src/db/index.ts";
import { createDatabase, dropDatabase, urlOf } from "./test-database.store.ts";

export interface TestDatabase {
  /** For processes that a test starts, as `DATABASE_URL`. */
  readonly url: string;
  readonly database: Database;
  /** Closes `database` and removes the data. */
  drop(): Promise<void>;
}

/**
 * A migrated database of its own (35–85 ms), on the PostgreSQL of this test run, fsync on.
 * `empty: true` leaves the migrations out.
 */
export async function createTestDatabase(
  options: { readonly log?: Log; readonly empty?: boolean } = {},
): Promise<TestDatabase> {
  const { url: server, template } = inject("postgres");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await createDatabase(server, name, options.empty ? undefined : template);
  const url = urlOf(server, name);
  const database = await connectDatabase(url, { log: options.log ?? silentLog });
  return {
    url,
    database,
    drop: async () => {
      await database.close();
      await dropDatabase(server, name);
    },
  };
}
