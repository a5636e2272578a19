import { setTimeout as delay } from "node:timers/promises";

/** For what tells nobody when it happens, such as a line in another program's file. */
export async function waitUntil(holds, signal) {
  while (!holds()) await delay(20, undefined, { signal });
}
