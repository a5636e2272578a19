import { readPart } from "../live/read-part.ts";
import { useFresh } from "../live/use-fresh.ts";
import { useSession } from "../session/session.tsx";

/** How often it is read again at most while attempts come and go. */
const PACE_MS = 500;
const EVERY_MS = 5_000;

/** One queue with what is in it and why it moves or does not, kept up to date. */
export function useQueue(name: string) {
  const { client } = useSession();
  return useFresh({
    key: ["queue", name],
    read: async (signal) => {
      const [queue, explanation] = await Promise.all([
        client.queues.get(name, { signal }),
        readPart(client.queues.explain(name, { signal })),
      ]);
      return { queue, explanation };
    },
    types: "run.*,attempt.*",
    paceMs: PACE_MS,
    everyMs: EVERY_MS,
  });
}
