import { useQuery } from "@tanstack/react-query";
import type { Inquiry } from "@yardmaster/protocol";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";
import { useSession } from "../session/session.tsx";

/** Questions that are shown: those asked last. */
const MOST_SHOWN = 200;
/** How often they are read again at most while some come and go. */
const REFRESH_MS = 400;

/** What waits for an answer now, kept up to date by the live stream. */
export function useOpenQuestions() {
  const { client } = useSession();
  const query = useQuery({
    queryKey: ["questions"],
    queryFn: async ({ signal }) => {
      const found: Inquiry[] = [];
      for await (const one of client.inquiries.list({ status: "open", limit: MOST_SHOWN, signal }))
        found.push(one);
      return found;
    },
  });
  const refresh = useRefresher(() => query.refetch({ cancelRefetch: false }), REFRESH_MS);
  useLive({ types: "inquiry.*" }, refresh);
  return { data: query.data, error: query.error, refresh };
}
