import { randomFillSync } from "node:crypto";
import { type NewId, uuidV7 } from "@yardmaster/protocol";

const ID_BYTES = 10;
/** Random bytes are drawn for many ids at once: a call for each costs more than the id. */
const POOL_IDS = 512;
/** Twelve bits count; they begin in the lower half, so that at least 2,048 ids have room in a millisecond. */
const COUNT_MOST = 0xfff;
const COUNT_BEGINS_BELOW = 0x7ff;
/** A clock that was set back further is believed: what carries the time of its id would be in the future for as long. */
const BACK_MS = 1_000;

/**
 * Ids that sort in the order in which they were made, within a millisecond too: the 12 bits behind the time count on
 * from a random beginning (RFC 9562 §6.2, method 1), and where they are used up the time goes on before the clock.
 */
export function createNewId(now: () => number): NewId {
  const pool = new Uint8Array(ID_BYTES * POOL_IDS);
  let used = pool.length;
  let lastMs = 0;
  let count = 0;

  function move(random: Uint8Array): void {
    const nowMs = now();
    const isLater = nowMs > lastMs || nowMs < lastMs - BACK_MS;
    if (!isLater && ++count <= COUNT_MOST) return;
    lastMs = isLater ? nowMs : lastMs + 1;
    count = ((random[0] as number) * 256 + (random[1] as number)) & COUNT_BEGINS_BELOW;
  }

  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const random = pool.subarray(used, used + ID_BYTES);
    used += ID_BYTES;
    move(random);
    random[0] = count >> 8;
    random[1] = count & 0xff;
    return uuidV7(lastMs, random);
  };
}

export const newId: NewId = createNewId(Date.now);
