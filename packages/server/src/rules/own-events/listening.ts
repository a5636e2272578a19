import type { CurrentRules } from "../current-rules.ts";

/** Since when (RFC 3339) a rule that is on has listened on one of the types; undefined while none does. */
export function listeningSince(types: readonly string[], rules: CurrentRules): string | undefined {
  const standings = types
    .flatMap((type) => rules.rulesFor(type))
    .map((rule) => rules.standing(rule));
  const since = standings.filter(({ status }) => status === "active").map((one) => one.since);
  return since.sort()[0];
}
