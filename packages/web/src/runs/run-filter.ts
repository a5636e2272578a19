import { isUuid, RUN_STATUSES, type RunStatus } from "@yardmaster/protocol/core";

/** What the list of runs shows, as the address says it. */
export interface RunFilter {
  readonly status?: RunStatus;
  /** A whole one, `examples.greet`. */
  readonly ref?: string;
  /** Without runs that are steps of others. */
  readonly roots?: true;
}

/** A page of it: what is older than the run `before`, else the newest. */
export interface RunPlace extends RunFilter {
  readonly before?: string;
}

/** The place in an address; what is none is left out, so that an old link still shows runs. */
export function readRunPlace(search: Readonly<Record<string, unknown>>): RunPlace {
  const status = RUN_STATUSES.find((known) => known === search["status"]);
  const ref = typeof search["ref"] === "string" ? search["ref"].trim() : "";
  const before = search["before"];
  return {
    ...(status !== undefined && { status }),
    ...(ref !== "" && { ref }),
    ...(search["roots"] === true && { roots: true }),
    ...(typeof before === "string" && isUuid(before) && { before }),
  };
}

/** What is chosen, whichever page of it is shown. */
export function filterOf({ before: _, ...filter }: RunPlace): RunFilter {
  return filter;
}

export function isFiltered({ status, ref, roots }: RunFilter): boolean {
  return status !== undefined || ref !== undefined || roots !== undefined;
}
