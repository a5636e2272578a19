import { firstOf } from "../live/first-of.ts";
import { useFresh } from "../live/use-fresh.ts";
import { useSession } from "../session/session.tsx";
import type { QueueFilter } from "./queue-filter.ts";

/** How often the list is read again at most while attempts come and go. */
const PACE_MS = 1_000;
/** A rate that is free again, and a pause by somebody else, are told by no change. */
const EVERY_MS = 5_000;

/** The first queues, by name, that fit the filter, kept up to date. */
export function useQueues(filter: QueueFilter, most: number) {
  const { client } = useSession();
  return useFresh({
    key: ["queues", filter, most],
    read: (signal) => firstOf(most, (limit) => client.queues.list({ ...filter, limit, signal })),
    types: "run.*,attempt.*",
    paceMs: PACE_MS,
    everyMs: EVERY_MS,
  });
}
