import type { Check } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { horizonChecks } from "./checks/postgres.ts";
import { readHorizonHolders } from "./postgres.store.ts";

/** What is said of the open transactions of one application, however young they are. */
export async function horizonHolders(pool: Pool, application: string): Promise<Check[]> {
  const holders = await readHorizonHolders(pool, 0);
  return horizonChecks(holders.filter(({ what }) => what.includes(`(${application})`)));
}
