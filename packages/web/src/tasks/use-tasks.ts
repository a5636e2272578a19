import { firstOf } from "../live/first-of.ts";
import { useFresh } from "../live/use-fresh.ts";
import { useSession } from "../session/session.tsx";
import type { TaskFilter } from "./task-filter.ts";

/** How often the list is read again at most while runs come and go. */
const PACE_MS = 2_000;
/** Fires move its times without a run where none could be made, and people pause tasks elsewhere. */
const EVERY_MS = 10_000;

/** The newest tasks that fit the filter, kept up to date. */
export function useTasks(filter: TaskFilter, most: number) {
  const { client } = useSession();
  return useFresh({
    key: ["tasks", filter, most],
    read: (signal) => firstOf(most, (limit) => client.tasks.list({ ...filter, limit, signal })),
    types: "run.*",
    paceMs: PACE_MS,
    everyMs: EVERY_MS,
  });
}
