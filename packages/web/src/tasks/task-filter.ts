import { TASK_STATUSES, type TaskStatus } from "@yardmaster/protocol/core";

/** What the list of tasks shows, as the address says it. */
export interface TaskFilter {
  readonly status?: TaskStatus;
  /** A part of a title or a name. */
  readonly q?: string;
}

/** The filter in an address; what is none is left out, so that an old link still shows tasks. */
export function readTaskFilter(search: Readonly<Record<string, unknown>>): TaskFilter {
  const status = TASK_STATUSES.find((known) => known === search["status"]);
  // A number in an address is read as one.
  const q = search["q"] === undefined ? "" : String(search["q"]).trim();
  return { ...(status !== undefined && { status }), ...(q !== "" && { q }) };
}
