import type { RuleHistory } from "@yardmaster/protocol";

/** What a rule would have made of the events of a time, as far as they were judged. */
export type HistorySum = Omit<RuleHistory, "next"> & {
  /** There are more events. */
  readonly isOpen: boolean;
};

export const MATCHES_SHOWN = 20;
const ERRORS_SHOWN = 10;

/** The sum with one answer more: the server judges a piece at a time. */
export function addHistory(sum: HistorySum | undefined, piece: RuleHistory): HistorySum {
  const { next, ...one } = piece;
  if (sum === undefined) return { ...one, isOpen: next !== null };
  return {
    rule: one.rule,
    held: one.held,
    judged: sum.judged + one.judged,
    matched: sum.matched + one.matched,
    not_matched: sum.not_matched + one.not_matched,
    error: sum.error + one.error,
    clauses: addCounts(sum.clauses, one.clauses),
    matches: [...sum.matches, ...one.matches].slice(0, MATCHES_SHOWN),
    errors: [...sum.errors, ...one.errors].slice(0, ERRORS_SHOWN),
    isOpen: next !== null,
  };
}

type Clauses = RuleHistory["clauses"];

function addCounts(a: Clauses, b: Clauses): Clauses {
  const counts = new Map<string, number>();
  for (const { clause, count } of [...a, ...b])
    counts.set(clause, (counts.get(clause) ?? 0) + count);
  return [...counts]
    .map(([clause, count]) => ({ clause, count }))
    .sort((one, other) => other.count - one.count);
}
