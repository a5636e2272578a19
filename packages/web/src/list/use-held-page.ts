import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Page } from "@yardmaster/sdk";
import { useHold } from "../live/use-hold.ts";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";

/** How often the list is read again at most while changes come. */
const REFRESH_MS = 400;

interface HeldPageOptions<Item> {
  readonly key: readonly unknown[];
  /** `until`: what is newer is left out; undefined: nothing is held. */
  read(until: string | undefined, signal: AbortSignal): Promise<Page<Item>>;
  /** When an item came to stand in the list; RFC 3339. */
  timeOf(item: Item): string;
  /** The changes after which the page may be another: `run.*`. */
  readonly types: string;
}

/** A page of a list, the newest first, kept up to date by the live stream; while it is held, none is put above. */
export function useHeldPage<Item>({ key, read, timeOf, types }: HeldPageOptions<Item>) {
  const hold = useHold(() => refresh());
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal, client: queries, queryKey }) => {
      const newest = queries.getQueryData<Page<Item>>(queryKey)?.items[0];
      const isHeld = newest !== undefined && hold.isHeld();
      // The newest of those that are shown, and what is older.
      return read(isHeld ? justAfter(timeOf(newest)) : undefined, signal);
    },
    placeholderData: keepPreviousData,
  });
  const refresh = useRefresher(() => {
    if (hold.isHeld()) hold.awaitRelease();
    return query.refetch({ cancelRefetch: false });
  }, REFRESH_MS);
  useLive({ types }, refresh);
  return { query, hold };
}

function justAfter(time: string): string {
  return new Date(Date.parse(time) + 1).toISOString();
}
