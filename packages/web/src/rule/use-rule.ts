import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";
import { useSession } from "../session/session.tsx";
import type { RulePlace } from "./rule-place.ts";

const PAGE_DECISIONS = 20;
/** How often it is read again at most while events come: each time its last 1,000 decisions are looked at. */
const REFRESH_MS = 1_000;

/** One rule with a page of its decisions and why it fires as it does, kept up to date as events come. */
export function useRule(ref: string, { status, before }: RulePlace) {
  const { client } = useSession();
  const queries = useQueryClient();
  const rule = useQuery({
    queryKey: ["rule", ref],
    queryFn: ({ signal }) => client.rules.get(ref, { signal }),
  });
  const explanation = useQuery({
    queryKey: ["rule", ref, "explanation"],
    queryFn: ({ signal }) => client.rules.explain(ref, { signal }),
  });
  const decisions = useQuery({
    queryKey: ["rule", ref, "decisions", status, before],
    queryFn: ({ signal }) =>
      client.decisions.page({ rule: ref, status, cursor: before, limit: PAGE_DECISIONS, signal }),
    placeholderData: keepPreviousData,
  });
  const refresh = useRefresher(
    () => queries.refetchQueries({ queryKey: ["rule", ref], type: "active" }),
    REFRESH_MS,
  );
  const isGone = rule.data === undefined && rule.error !== null;
  useLive({ types: "event.*", isWanted: !isGone }, refresh);
  return { rule, explanation, decisions, refresh };
}
