import type { Decision } from "@yardmaster/protocol";

/** What was said of an event at one time: as it arrived (0), or in a replay. */
export interface ReplayGroup {
  readonly replay: number;
  readonly at: string;
  readonly decisions: readonly Decision[];
}

/** Decisions by the times at which the event was judged, the last first; in each what stands out first. */
export function replayGroups(decisions: readonly Decision[]): ReplayGroup[] {
  const groups = new Map<number, Decision[]>();
  for (const decision of decisions)
    groups.set(decision.replay, [...(groups.get(decision.replay) ?? []), decision]);
  return [...groups]
    .sort(([a], [b]) => b - a)
    .map(([replay, said]) => ({
      replay,
      at: said[0]?.decided_at ?? "",
      decisions: said.toSorted(
        (a, b) => WEIGHT[a.status] - WEIGHT[b.status] || (a.rule < b.rule ? -1 : 1),
      ),
    }));
}

const WEIGHT = { error: 0, held: 1, matched: 2, not_matched: 3 } as const;
