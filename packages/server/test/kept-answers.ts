import type { Pool } from "pg";
import { createKeptAnswers, type KeptAnswers } from "../src/idempotency/index.ts";
import { newId } from "../src/new-id.ts";

/** As one process of an installation has them. What cannot be written fails its test. */
export function testKeptAnswers(pool: Pool): KeptAnswers {
  return createKeptAnswers({
    pool,
    newId,
    hashKey: Buffer.alloc(32, 7),
    onError: (error) => {
      throw error;
    },
  });
}
