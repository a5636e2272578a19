import { useQuery } from "@tanstack/react-query";
import type { Rule } from "@yardmaster/protocol";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";
import { useSession } from "../session/session.tsx";

/** How often they are read again at most while events come: each time all matches of a day are counted. */
const REFRESH_MS = 2_000;

/** The rules of all packs, with how often they matched lately, kept up to date as events come. */
export function useRules() {
  const { client } = useSession();
  const query = useQuery({
    queryKey: ["rules"],
    queryFn: async ({ signal }) => {
      const found: Rule[] = [];
      for await (const rule of client.rules.list({ signal })) found.push(rule);
      return found;
    },
  });
  const refresh = useRefresher(() => query.refetch({ cancelRefetch: false }), REFRESH_MS);
  useLive({ types: "event.*" }, refresh);
  return query;
}
