import { randomUUID } from "node:crypto";
import type { TestProject } from "vitest/node";
import { connectDatabase, migrate, silentLog, startThrowawayPostgres } from "../src/db/index.ts";
import { createDatabase } from "./test-database.store.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The PostgreSQL of this test run, and its migrated database to be cloned. */
    postgres: { readonly url: string; readonly template: string };
  }
}

/** One PostgreSQL for a test run, gone after it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startThrowawayPostgres();
  try {
    const template = `template_${randomUUID().slice(0, 8)}`;
    await createDatabase(postgres.url, template);
    const database = await connectDatabase(postgres.urlOf(template), { log: silentLog });
    await migrate(database.pool, { log: silentLog }).finally(() => database.close());
    project.provide("postgres", { url: postgres.url, template });
    return postgres.stop;
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
