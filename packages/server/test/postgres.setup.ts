import { randomUUID } from "node:crypto";
import { existsSync, statfsSync } from "node:fs";
import { freemem } from "node:os";
import type { TestProject } from "vitest/node";
import { connectDatabase, migrate, silentLog, startThrowawayPostgres } from "../src/db/index.ts";
import { closeConnections, createDatabase, dropDatabase, urlOf } from "./test-database.store.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The PostgreSQL of this test run, and its migrated database to be cloned. */
    postgres: { readonly url: string; readonly template: string };
  }
}

/** `postgresql://user@/postgres?host=%2Ffolder%2Fof%2Fits%2Fsocket&port=5432`, as superuser: to see whether all is well with another version. */
const GIVEN_URL = process.env["YARD_TEST_DATABASE_URL"];

/** Where Linux keeps files in memory. */
const IN_MEMORY = "/dev/shm";
/** 130 MB were used at most. PostgreSQL's log may grow to 1 GB, and the tests themselves want memory. */
const ROOM_BYTES = 3 * 1024 ** 3;

/** One PostgreSQL for a test run, gone after it; or the one that is given, with nothing left in it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres =
    GIVEN_URL === undefined
      ? await startThrowawayPostgres(hasRoomInMemory() ? { parent: IN_MEMORY } : {})
      : undefined;
  const url = GIVEN_URL ?? postgres?.url ?? "";
  const template = `template_${randomUUID().slice(0, 8)}`;
  const end = async (): Promise<void> => {
    if (postgres === undefined) await dropDatabase(url, template);
    await closeConnections();
    await postgres?.stop();
  };
  try {
    await createDatabase(url, template);
    const database = await connectDatabase(urlOf(url, template), { log: silentLog });
    try {
      await migrate(database.pool, { log: silentLog });
    } finally {
      await database.close();
    }
    project.provide("postgres", { url, template });
    return end;
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * A database of a test is five hundred files, which are made, synced and deleted: on a disk that took a third of the
 * time of these tests. What PostgreSQL keeps through a crash is tested with PostgreSQLs of their own, on the disk.
 */
function hasRoomInMemory(): boolean {
  if (!existsSync(IN_MEMORY)) return false;
  const { bavail, bsize } = statfsSync(IN_MEMORY);
  return Math.min(bavail * bsize, freemem()) > ROOM_BYTES;
}
