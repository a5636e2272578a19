import { randomFillSync } from "node:crypto";
import { uuidV7 } from "@yardmaster/protocol";

/** Random bytes are drawn for many ids at once: a call for each costs more than the id. */
const POOL = new Uint8Array(10 * 512);
let used = POOL.length;

export function newId(): string {
  if (used === POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  used += 10;
  return uuidV7(Date.now(), POOL.subarray(used - 10, used));
}
