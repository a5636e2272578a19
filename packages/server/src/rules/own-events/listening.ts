import type { CurrentRules } from "../current-rules.ts";

/** Since when (RFC 3339) a rule that is on has listened on a type; undefined while none does. */
export function listeningSince(type: string, rules: CurrentRules): string | undefined {
  const standings = rules.rulesFor(type).map((rule) => rules.standing(rule));
  const since = standings.filter(({ status }) => status === "active").map((one) => one.since);
  return since.sort()[0];
}
