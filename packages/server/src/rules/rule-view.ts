import type { RuleDefinition } from "@yardmaster/kernel";
import type { Rule } from "@yardmaster/protocol";
import type { Standing } from "./current-rules.ts";
import type { MatchedLately } from "./rule-facts.store.ts";

export function ruleView(
  rule: RuleDefinition,
  { status, since, by }: Standing,
  matched: MatchedLately,
): Rule {
  const counted = matched.of.get(rule.ref);
  return {
    rule: rule.ref,
    on: rule.on,
    if: rule.condition?.source ?? null,
    run: rule.run,
    status,
    since,
    by,
    matched: {
      count: counted?.count ?? 0,
      at_least: matched.atLeast,
      last_at: counted?.lastAt ?? null,
    },
    description: rule.description ?? null,
  };
}
