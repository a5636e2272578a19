import type { ClientBase } from "pg";
import {
  beginTransaction,
  commitTransaction,
  rollBackTransaction,
} from "../connection/transaction.store.ts";

export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  readonly breaking: boolean;
}

/** "YARD" and the number of this lock. */
const MIGRATION_LOCK = [0x59415244, 2] as const;

/** PostgreSQL 17 and later may bound a transaction for a role; before, there is no such setting to give at the start. */
export async function allowLongTransactions(client: ClientBase): Promise<void> {
  await client.query(
    "select set_config(name, '0', false) from pg_settings where name = 'transaction_timeout'",
  );
}

/** Waits for other starters. Of the session, so that a killed one does not keep it. */
export async function lockMigrations(client: ClientBase): Promise<void> {
  await client.query("select pg_advisory_lock($1::int, $2::int)", [...MIGRATION_LOCK]);
}

export async function unlockMigrations(client: ClientBase): Promise<void> {
  await client.query("select pg_advisory_unlock($1::int, $2::int)", [...MIGRATION_LOCK]);
}

/** In order. Called under the lock: two `create table if not exists` at once can collide. */
export async function readAppliedMigrations(client: ClientBase): Promise<AppliedMigration[]> {
  await client.query(
    `create table if not exists yard_migrations (
       number     int primary key,
       name       text not null,
       checksum   text not null,
       breaking   boolean not null,
       applied_at timestamptz not null default now()
     )`,
  );
  const { rows } = await client.query<AppliedMigration>(
    "select number, name, checksum, breaking from yard_migrations order by number",
  );
  return rows;
}

/** The migration and its record, both or neither. */
export async function applyMigration(
  client: ClientBase,
  { sql, ...record }: AppliedMigration & { readonly sql: string },
): Promise<void> {
  await beginTransaction(client);
  try {
    await client.query(sql);
    await client.query(
      "insert into yard_migrations (number, name, checksum, breaking) values ($1, $2, $3, $4)",
      [record.number, record.name, record.checksum, record.breaking],
    );
    await commitTransaction(client);
  } catch (error) {
    await rollBackTransaction(client).catch(() => {});
    throw error;
  }
}
