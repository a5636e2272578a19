import { useHeldPage } from "../list/use-held-page.ts";
import { useSession } from "../session/session.tsx";
import { filterOf, type RunPlace } from "./run-filter.ts";

const PAGE_RUNS = 50;

/** A page of the list of runs. */
export function useRuns(place: RunPlace) {
  const { client } = useSession();
  const { roots, ...filter } = filterOf(place);
  return useHeldPage({
    key: ["runs", place],
    read: (until, signal) =>
      client.runs.page({
        ...filter,
        ...(roots && { roots: "true" }),
        limit: PAGE_RUNS,
        cursor: place.before,
        until,
        // A page of large inputs and outputs would be a hundred megabytes.
        payloads: "false",
        signal,
      }),
    timeOf: ({ created_at }) => created_at,
    types: "run.*,attempt.*,inquiry.*",
  });
}
