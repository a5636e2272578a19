import type { Rule } from "@yardmaster/protocol";

export const RULE_STATUSES = [
  "active",
  "paused",
  "off",
] as const satisfies readonly Rule["status"][];

/** What the list of rules shows, as the address says it. */
export interface RulesFilter {
  readonly status?: Rule["status"];
  /** Words that stand in its name, its event type or what it runs. */
  readonly text?: string;
}

/** The filter in an address; what is none is left out. */
export function readRulesFilter(search: Readonly<Record<string, unknown>>): RulesFilter {
  const status = RULE_STATUSES.find((known) => known === search["status"]);
  const text = typeof search["text"] === "string" ? search["text"].trim() : "";
  return { ...(status !== undefined && { status }), ...(text !== "" && { text }) };
}

/** Whether a rule is meant: each word stands somewhere in what is said of it. */
export function isMeant(rule: Rule, { status, text = "" }: RulesFilter): boolean {
  if (status !== undefined && rule.status !== status) return false;
  const about = [rule.rule, rule.on, rule.run, rule.description ?? ""].join(" ").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => about.includes(word));
}
