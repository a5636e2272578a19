import { type InfiniteData, keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { Run } from "@yardmaster/protocol";
import type { Page } from "@yardmaster/sdk";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";
import { useSession } from "../session/session.tsx";
import type { RunFilter } from "./run-filter.ts";
import { useHold } from "./use-hold.ts";

type Runs = InfiniteData<Page<Run>>;

const PAGE_RUNS = 50;
/** How often the list is read again at most while runs come and go. */
const REFRESH_MS = 400;

/** The list of runs, page after page, kept up to date by the live stream; while it is held, none is put above. */
export function useRuns(filter: RunFilter) {
  const { client } = useSession();
  const hold = useHold(() => refresh());
  const query = useInfiniteQuery({
    queryKey: ["runs", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal, client: queries, queryKey }) =>
      client.runs.page({
        ...filter,
        limit: PAGE_RUNS,
        cursor: pageParam,
        // The newest of those that are shown, and what is older.
        until: hold.isHeld() ? justAfter(queries.getQueryData<Runs>(queryKey)) : undefined,
        // A page of large inputs and outputs would be a hundred megabytes.
        payloads: "false",
        signal,
      }),
    getNextPageParam: (page: Page<Run>) => page.next,
    placeholderData: keepPreviousData,
    select: runsOf,
  });
  // All pages from the top: they join without a gap or a double, whatever came between.
  const refresh = useRefresher(() => {
    if (hold.isHeld()) hold.awaitRelease();
    return query.refetch({ cancelRefetch: false });
  }, REFRESH_MS);
  useLive({ types: "run.*,attempt.*" }, refresh);
  return { query, hold };
}

function runsOf({ pages }: Runs): Run[] {
  return pages.flatMap((page) => page.items);
}

function justAfter(runs: Runs | undefined): string | undefined {
  const newest = runs?.pages[0]?.items[0];
  return newest && new Date(Date.parse(newest.created_at) + 1).toISOString();
}
