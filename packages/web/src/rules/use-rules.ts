import type { Rule } from "@yardmaster/protocol";
import { useFresh } from "../live/use-fresh.ts";
import { useSession } from "../session/session.tsx";

/** How often they are read again at most while events come: each time all matches of a day are counted. */
const PACE_MS = 2_000;

/** The rules of all packs, with how often they matched lately, kept up to date as events come. */
export function useRules() {
  const { client } = useSession();
  return useFresh({
    key: ["rules"],
    read: async (signal) => {
      const found: Rule[] = [];
      for await (const rule of client.rules.list({ signal })) found.push(rule);
      return found;
    },
    types: "event.*",
    paceMs: PACE_MS,
  });
}
