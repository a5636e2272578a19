/** To read as much takes milliseconds; below, a turn would cost more than it saves others. */
const LARGE_BYTES = 128 * 1024;

/** Of the whole process, as its event loop is: the last turn that was given away. */
let last: Promise<void> = Promise.resolve();

/**
 * Resolves when a text of so many bytes may be read: at most one large one in each turn of the event loop, however many
 * come at once, so that heartbeats, leases and short requests go on between them. Undefined for a small one.
 */
export function ownTurn(bytes: number): Promise<void> | undefined {
  if (bytes < LARGE_BYTES) return undefined;
  last = last.then(() => new Promise((begin) => setImmediate(begin)));
  return last;
}
