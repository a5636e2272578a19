import type { Run } from "@yardmaster/protocol";
import { readPart } from "../live/read-part.ts";
import { useFresh } from "../live/use-fresh.ts";
import { useSession } from "../session/session.tsx";

/** Next times, and last runs, that its page shows. */
const SHOWN = 10;
/** How often it is read again at most while runs come and go. */
const PACE_MS = 1_000;
const EVERY_MS = 10_000;

/** One task with its next times, its last runs and why it is due or not, kept up to date. */
export function useTask(name: string) {
  const { client } = useSession();
  const { tasks } = client;
  async function lastRuns(signal: AbortSignal): Promise<Run[]> {
    const runs: Run[] = [];
    for await (const run of tasks.runs(name, { limit: SHOWN, signal })) runs.push(run);
    return runs;
  }
  return useFresh({
    key: ["task", name],
    read: async (signal) => {
      const [task, preview, runs, explanation] = await Promise.all([
        tasks.get(name, { signal }),
        readPart(tasks.preview(name, { count: SHOWN }, { signal })),
        readPart(lastRuns(signal)),
        readPart(tasks.explain(name, { signal })),
      ]);
      return { task, preview, runs, explanation };
    },
    types: "run.*",
    paceMs: PACE_MS,
    everyMs: EVERY_MS,
  });
}

export type TaskShown = NonNullable<ReturnType<typeof useTask>["query"]["data"]>;
