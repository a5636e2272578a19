import { Link, useNavigate } from "@tanstack/react-router";
import { Command } from "../design/command.tsx";
import { Failure } from "../design/failure.tsx";
import { EmptyList } from "../list/empty-list.tsx";
import { RowSkeletons } from "../list/row-skeletons.tsx";
import { TABS_LOOK, tabLook } from "../list/tabs.ts";
import { TextFilter } from "../list/text-filter.tsx";
import { RULE_LOOKS } from "./rule-looks.ts";
import { RuleRow } from "./rule-row.tsx";
import { isMeant, RULE_STATUSES, type RulesFilter } from "./rules-filter.ts";
import { useRules } from "./use-rules.ts";

/** All rules by name: whether they judge, on what, and when they matched last. */
export function RulesPage({ filter }: { readonly filter: RulesFilter }) {
  const navigate = useNavigate();
  function find(text: string | undefined): void {
    const { text: _, ...others } = filter;
    void navigate({ to: "/rules", search: text === undefined ? others : { ...others, text } });
  }
  return (
    <>
      <title>Rules — Yardmaster</title>
      <h1 className="text-xl font-semibold tracking-tight">Rules</h1>
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <StatusTabs filter={filter} />
        <TextFilter
          label="Name, event type or workflow"
          value={filter.text}
          className="sm:ml-auto sm:w-64 max-sm:w-full"
          onValue={find}
        />
      </div>
      <RulesList filter={filter} />
    </>
  );
}

function StatusTabs({ filter: { status: chosen, ...others } }: { readonly filter: RulesFilter }) {
  return (
    <nav aria-label="Filter by status" className={TABS_LOOK}>
      {[undefined, ...RULE_STATUSES].map((status) => (
        <Link
          key={status ?? "all"}
          to="/rules"
          search={status === undefined ? others : { ...others, status }}
          activeOptions={{ exact: true }}
          aria-current={status === chosen ? "true" : undefined}
          className={tabLook(status === chosen)}
        >
          {status === undefined ? "All" : RULE_LOOKS[status].word}
        </Link>
      ))}
    </nav>
  );
}

function RulesList({ filter }: { readonly filter: RulesFilter }) {
  const { data, error, isPending, refetch } = useRules().query;
  if (data === undefined && error !== null)
    return (
      <div className="mt-4">
        <Failure error={error} to="read rules" onRetry={() => void refetch()} />
      </div>
    );
  if (data?.length === 0)
    return (
      <EmptyList title="There are no rules">
        <p>
          A rule starts a run when an event comes. A pack defines them in its folder{" "}
          <code className="font-mono text-[0.8125rem]">rules/</code>; make one with
        </p>
        <Command>yard pack init packs/mine</Command>
      </EmptyList>
    );
  const meant = data?.filter((rule) => isMeant(rule, filter));
  if (meant?.length === 0)
    return (
      <EmptyList title="No rule fits the filter">
        <Link to="/rules" className="text-accent underline">
          Show all rules
        </Link>
      </EmptyList>
    );
  return (
    <ol
      aria-label="Rules"
      aria-busy={isPending}
      className="mt-4 overflow-hidden rounded-xl border border-line bg-card"
    >
      {meant === undefined ? (
        <RowSkeletons />
      ) : (
        meant.map((rule) => <RuleRow key={rule.rule} rule={rule} />)
      )}
    </ol>
  );
}
