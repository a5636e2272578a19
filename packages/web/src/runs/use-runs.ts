import { type InfiniteData, keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { Run } from "@yardmaster/protocol";
import type { Page } from "@yardmaster/sdk";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";
import { useSession } from "../session/session.tsx";
import type { RunFilter } from "./run-filter.ts";

const PAGE_RUNS = 50;
/** How often the list is read again at most while runs come and go. */
const REFRESH_MS = 400;

/** The list of runs, page after page, kept up to date by the live stream. */
export function useRuns(filter: RunFilter) {
  const { client } = useSession();
  const query = useInfiniteQuery({
    queryKey: ["runs", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      client.runs.page({ ...filter, limit: PAGE_RUNS, cursor: pageParam, signal }),
    getNextPageParam: (page: Page<Run>) => page.next,
    placeholderData: keepPreviousData,
    select: runsOf,
  });
  // All pages from the top: they join without a gap or a double, whatever came between.
  const refresh = useRefresher(() => query.refetch({ cancelRefetch: false }), REFRESH_MS);
  useLive({ types: "run.*,attempt.*" }, refresh);
  return query;
}

function runsOf({ pages }: InfiniteData<Page<Run>>): Run[] {
  return pages.flatMap((page) => page.items);
}
