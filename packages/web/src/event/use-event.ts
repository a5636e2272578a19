import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Decision } from "@yardmaster/protocol";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";
import { useSession } from "../session/session.tsx";

/** Decisions that the page shows: of an event that was judged over and over, the last ones. */
const MOST_DECISIONS = 400;
const MOST_RUNS = 50;
/** How often what became of the event is read again at most while that changes. */
const REFRESH_MS = 400;

/** One event, which never changes, and what became of it, kept up to date by the live stream. */
export function useEvent(id: string) {
  const { client } = useSession();
  const queries = useQueryClient();
  const event = useQuery({
    queryKey: ["event", id],
    queryFn: ({ signal }) => client.events.get(id, { signal }),
  });
  const decisions = useQuery({
    queryKey: ["event-course", id, "decisions"],
    queryFn: async ({ signal }) => {
      const found: Decision[] = [];
      for await (const one of client.decisions.list({ event: id, limit: MOST_DECISIONS, signal }))
        found.push(one);
      return found;
    },
  });
  const explanation = useQuery({
    queryKey: ["event-course", id, "explanation"],
    queryFn: ({ signal }) => client.events.explain(id, { signal }),
  });
  const runs = useQuery({
    queryKey: ["event-course", id, "runs"],
    queryFn: ({ signal }) =>
      client.runs.page({ event: id, limit: MOST_RUNS, payloads: "false", signal }),
  });
  const refresh = useRefresher(
    () => queries.refetchQueries({ queryKey: ["event-course", id] }),
    REFRESH_MS,
  );
  const isGone = event.data === undefined && event.error !== null;
  useLive({ types: "event.replayed,run.*", isWanted: !isGone }, ({ type, data }) => {
    const isOfRuns = runs.data?.items.some((run) => run.id === data["id"]) ?? false;
    // `ready` and `gap` tell of nothing by themselves, and say that anything may have happened.
    if (data["id"] === undefined || data["id"] === id || isOfRuns || type === "gap") refresh();
  });
  return { event, decisions, explanation, runs, refresh };
}
