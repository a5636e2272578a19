import { PageLoading } from "../design/page-loading.tsx";
import { RULE_LOOKS } from "../rules/rule-looks.ts";
import { ExplanationCard } from "../run/explanation-card.tsx";
import { NotShown } from "../shell/not-shown.tsx";
import { DefinitionCard } from "./definition-card.tsx";
import { RuleDecisionsCard } from "./rule-decisions-card.tsx";
import { RuleHeader } from "./rule-header.tsx";
import type { RulePlace } from "./rule-place.ts";
import { TryCard } from "./try-card.tsx";
import { useRule } from "./use-rule.ts";

interface RulePageProps {
  readonly name: string;
  readonly place: RulePlace;
}

/** One rule: what it asks for and starts, what it said lately and why, and what it would say. */
export function RulePage({ name, place }: RulePageProps) {
  const { rule, explanation, decisions, refresh } = useRule(name, place);
  if (rule.data === undefined)
    return rule.error === null ? (
      <PageLoading />
    ) : (
      <NotShown error={rule.error} what="rule" all="/rules" />
    );
  return (
    <>
      <title>{`${name} · ${RULE_LOOKS[rule.data.status].word} — Yardmaster`}</title>
      <RuleHeader rule={rule.data} onSwitched={refresh} />
      <div className="mt-5 grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <div className="space-y-5">
          <DefinitionCard rule={rule.data} />
          <ExplanationCard explanation={explanation} />
        </div>
        <div className="space-y-5">
          {/* Another event is tried anew. */}
          <TryCard key={place.event ?? ""} rule={rule.data} event={place.event} />
          <RuleDecisionsCard rule={name} place={place} decisions={decisions} />
        </div>
      </div>
    </>
  );
}
