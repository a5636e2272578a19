import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { missingScope } from "../design/missing-scope.ts";
import { useLive } from "./use-live.ts";
import { useRefresher } from "./use-refresher.ts";

interface FreshOptions<Data> {
  readonly key: readonly unknown[];
  read(signal: AbortSignal): Promise<Data>;
  /** The changes after which it may be another: `run.*,node.*`. */
  readonly types: string;
  /** How often it is read again at most while such changes come. */
  readonly paceMs: number;
  /** Where it changes by itself too, which nothing tells: so often it is read again while somebody looks. */
  readonly everyMs?: number;
}

/** Something of the API, kept up to date by the live stream, and by the clock. */
export function useFresh<Data>({ key, read, types, paceMs, everyMs = 0 }: FreshOptions<Data>) {
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => read(signal),
    // Of another filter, or a longer list of the same: what is shown stays until the new is there.
    placeholderData: keepPreviousData,
    // What this token may not read now, it may not in ten seconds.
    refetchInterval: ({ state }) =>
      everyMs > 0 && missingScope(state.error) === undefined ? everyMs : false,
  });
  const refresh = useRefresher(() => query.refetch({ cancelRefetch: false }), paceMs);
  useLive({ types }, refresh);
  return { query, refresh };
}
