import { Kysely, PostgresDialect } from "kysely";
import type pg from "pg";

/** Query builder for lists and filters, over the shared pool. Never destroy it: the pool is not its own. */
export function kyselyFor<Schema>(pool: pg.Pool): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}
