import type { QueueStatus } from "@yardmaster/protocol";

/** In the order of how much they ask for a look. */
export const SHOWN_STATUSES = [
  "held",
  "full",
  "paused",
  "moving",
  "idle",
] as const satisfies readonly QueueStatus[];

/** What the list of queues shows, as the address says it. */
export interface QueueFilter {
  readonly status?: QueueStatus;
}

/** The filter in an address; what is none is left out, so that an old link still shows queues. */
export function readQueueFilter(search: Readonly<Record<string, unknown>>): QueueFilter {
  const status = SHOWN_STATUSES.find((known) => known === search["status"]);
  return status === undefined ? {} : { status };
}
