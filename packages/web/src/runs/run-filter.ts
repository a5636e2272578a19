import { RUN_STATUSES, type RunStatus } from "@yardmaster/protocol/core";

/** What the list of runs shows, as the address says it. */
export interface RunFilter {
  readonly status?: RunStatus;
  /** A whole one, `examples.greet`. */
  readonly ref?: string;
}

/** The filter in an address; what is none is left out, so that an old link still shows runs. */
export function readRunFilter(search: Readonly<Record<string, unknown>>): RunFilter {
  const status = RUN_STATUSES.find((known) => known === search["status"]);
  const ref = typeof search["ref"] === "string" ? search["ref"].trim() : "";
  return { ...(status !== undefined && { status }), ...(ref !== "" && { ref }) };
}

export function isFiltered({ status, ref }: RunFilter): boolean {
  return status !== undefined || ref !== undefined;
}
