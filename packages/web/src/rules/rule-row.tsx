import { Link } from "@tanstack/react-router";
import type { Rule } from "@yardmaster/protocol";
import { memo } from "react";
import { focusIfOpened, noteOpened } from "../list/opened-row.ts";
import { Badge } from "../status/badge.tsx";
import { Age } from "../time/moments.tsx";
import { RULE_LOOKS } from "./rule-looks.ts";

/** Memoised: a refreshed list draws only the rows that changed. */
export const RuleRow = memo(function RuleRow({ rule }: { readonly rule: Rule }) {
  const { rule: ref, on, run, description, matched } = rule;
  return (
    <li className="border-line not-last:border-b">
      <Link
        to="/rules/$ref"
        params={{ ref }}
        ref={(row) => focusIfOpened(ref, row)}
        // A click that no pointer made.
        onClick={({ detail }) => noteOpened(ref, detail === 0)}
        className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2 sm:grid-cols-[6rem_1fr_10rem]"
      >
        <span>
          <Badge look={RULE_LOOKS[rule.status]} />
        </span>
        <span className="min-w-0 max-sm:order-first max-sm:col-span-2">
          <span className="block truncate font-medium">{ref}</span>
          <span className="block truncate text-[0.8125rem] text-muted">
            {on} <span aria-hidden>→</span> <span className="sr-only">starts</span> {run}
          </span>
          {description !== null && (
            <span className="block truncate text-[0.8125rem] text-muted">{description}</span>
          )}
        </span>
        <span className="text-right text-[0.8125rem] text-muted">
          <MatchedLately matched={matched} />
        </span>
      </Link>
    </li>
  );
});

/** Of the last 24 hours: older matches are not counted. */
export function MatchedLately({ matched: { count, at_least, last_at } }: Pick<Rule, "matched">) {
  if (count === 0 || last_at === null) return "no match in 24 h";
  return (
    <>
      <span className="block text-ink">
        matched <Age at={last_at} />
      </span>
      <span className="block tabular-nums">
        {count.toLocaleString()}
        {at_least && "+"} in 24 h
      </span>
    </>
  );
}
