import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Inquiry, Run } from "@yardmaster/protocol";
import { isFinal } from "@yardmaster/protocol/core";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";
import { useSession } from "../session/session.tsx";
import { asks } from "./asks.ts";

/** Questions of a run that its page shows. */
const MOST_ASKED = 50;
/** How often a run is read again at most while it moves. */
const REFRESH_MS = 250;

/** One run with its steps and why it is where it is, kept up to date by the live stream until it has ended. */
export function useRun(id: string) {
  const { client } = useSession();
  const queries = useQueryClient();
  const run = useQuery<Run>({
    queryKey: ["run", id],
    queryFn: ({ signal }) => client.runs.get(id, { signal }),
    // What the list knew of it is there at once; it is read anew beside that.
    placeholderData: () => listedRun(queries, id),
  });
  const steps = useQuery({
    queryKey: ["run", id, "steps"],
    queryFn: ({ signal }) => client.runs.steps(id, { signal }),
  });
  const explanation = useQuery({
    queryKey: ["run", id, "explanation"],
    queryFn: ({ signal }) => client.runs.explain(id, { signal }),
  });
  const inquiries = useQuery({
    queryKey: ["run", id, "inquiries"],
    queryFn: async ({ signal }) => {
      const found: Inquiry[] = [];
      for await (const one of client.inquiries.list({ run: id, limit: MOST_ASKED, signal }))
        found.push(one);
      return found;
    },
    enabled: asks(steps.data ?? []),
  });
  const hasEnded =
    !run.isPlaceholderData && run.data !== undefined && run.data.finished_at !== null;
  const areStepsFinal = steps.data?.every((step) => isFinal(step.status)) ?? false;
  const refresh = useRefresher(() => queries.refetchQueries({ queryKey: ["run", id] }), REFRESH_MS);
  useLive(
    { types: "run.*,attempt.*,inquiry.*", run: id, isWanted: !(hasEnded && areStepsFinal) },
    refresh,
  );
  return { run, steps, explanation, inquiries, refresh };
}

function listedRun(queries: QueryClient, id: string): Run | undefined {
  const pages = queries.getQueriesData<{ items: readonly Run[] }>({ queryKey: ["runs"] });
  return pages.flatMap(([, page]) => page?.items ?? []).find((run) => run.id === id);
}
