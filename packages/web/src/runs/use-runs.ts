import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Run } from "@yardmaster/protocol";
import type { Page } from "@yardmaster/sdk";
import { useHold } from "../live/use-hold.ts";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";
import { useSession } from "../session/session.tsx";
import { filterOf, type RunPlace } from "./run-filter.ts";

const PAGE_RUNS = 50;
/** How often the list is read again at most while runs come and go. */
const REFRESH_MS = 400;

/** A page of the list of runs, kept up to date by the live stream; while it is held, none is put above. */
export function useRuns(place: RunPlace) {
  const { client } = useSession();
  const hold = useHold(() => refresh());
  const { before } = place;
  const { roots, ...filter } = filterOf(place);
  const query = useQuery({
    queryKey: ["runs", place],
    queryFn: ({ signal, client: queries, queryKey }) =>
      client.runs.page({
        ...filter,
        ...(roots && { roots: "true" }),
        limit: PAGE_RUNS,
        cursor: before,
        // The newest of those that are shown, and what is older.
        until: hold.isHeld() ? justAfter(queries.getQueryData<Page<Run>>(queryKey)) : undefined,
        // A page of large inputs and outputs would be a hundred megabytes.
        payloads: "false",
        signal,
      }),
    placeholderData: keepPreviousData,
  });
  const refresh = useRefresher(() => {
    if (hold.isHeld()) hold.awaitRelease();
    return query.refetch({ cancelRefetch: false });
  }, REFRESH_MS);
  useLive({ types: "run.*,attempt.*,inquiry.*" }, refresh);
  return { query, hold };
}

function justAfter(page: Page<Run> | undefined): string | undefined {
  const newest = page?.items[0];
  return newest && new Date(Date.parse(newest.created_at) + 1).toISOString();
}
