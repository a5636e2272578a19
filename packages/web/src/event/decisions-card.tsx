import { Link } from "@tanstack/react-router";
import type { Decision, Run } from "@yardmaster/protocol";
import { useState } from "react";
import { Because } from "../decisions/because.tsx";
import { OUTCOMES } from "../decisions/outcomes.ts";
import { RuleLink } from "../decisions/rule-link.tsx";
import { taskOf } from "../decisions/task-of.ts";
import { Card } from "../design/card.tsx";
import { ShowMore } from "../design/show-more.tsx";
import { Badge } from "../status/badge.tsx";
import { StatusBadge } from "../status/status-badge.tsx";
import { Age } from "../time/moments.tsx";
import { type ReplayGroup, replayGroups } from "./replay-groups.ts";

interface DecisionsCardProps {
  readonly decisions: readonly Decision[];
  readonly type: string;
  /** Those that it started, as far as they are known. */
  readonly runs: readonly Run[];
}

const FIRST_GROUPS = 3;

/** What each rule said of an event, the last time first. */
export function DecisionsCard({ decisions, type, runs }: DecisionsCardProps) {
  const [isWhole, setWhole] = useState(false);
  const groups = replayGroups(decisions);
  const shown = isWhole ? groups : groups.slice(0, FIRST_GROUPS);
  return (
    <Card title="Decisions">
      {groups.length === 0 && (
        <p className="px-4 py-6 text-center text-muted wrap-anywhere">
          No rule listened on {type} when it came.
        </p>
      )}
      <ol>
        {shown.map((group) => (
          <li key={group.replay} className="border-line not-last:border-b">
            <Group group={group} isAlone={groups.length === 1} runs={runs} />
          </li>
        ))}
        {shown.length < groups.length && (
          <ShowMore
            of={`${groups.length} times that it was judged`}
            className="px-4 py-2"
            onMore={() => setWhole(true)}
          />
        )}
      </ol>
    </Card>
  );
}

interface GroupProps {
  readonly group: ReplayGroup;
  readonly isAlone: boolean;
  readonly runs: readonly Run[];
}

function Group({ group: { replay, at, decisions }, isAlone, runs }: GroupProps) {
  const name = replay === 0 ? "As it arrived" : `Replay ${replay}`;
  return (
    <>
      {!isAlone && (
        <h3 className="bg-sunken px-4 py-1.5 text-[0.8125rem] text-muted">
          {name}, <Age at={at} />
        </h3>
      )}
      <ul aria-label={name}>
        {decisions.map((decision) => (
          <DecisionRow
            key={decision.id}
            decision={decision}
            run={runs.find(({ id }) => id === decision.run_id)}
          />
        ))}
      </ul>
    </>
  );
}

interface DecisionRowProps {
  readonly decision: Decision;
  readonly run: Run | undefined;
}

/** What is held or broke waits for somebody: it stands out of what did not match. */
const TINTS: { readonly [S in Decision["status"]]?: string } = {
  error: "bg-bad-soft/50",
  held: "bg-warn-soft/50",
};

function DecisionRow({ decision, run }: DecisionRowProps) {
  const { rule, status, event_id } = decision;
  return (
    <li
      className={`grid gap-x-4 gap-y-1 border-line px-4 py-2.5 not-last:border-b sm:grid-cols-[8rem_1fr_auto] ${TINTS[status] ?? ""}`}
    >
      <span>
        <Badge look={OUTCOMES[status]} />
      </span>
      <div className="min-w-0">
        <RuleLink rule={rule} />
        <p className="text-muted wrap-anywhere empty:hidden">
          <Because said={decision} />
        </p>
        <StartedRun decision={decision} run={run} />
      </div>
      {taskOf(rule) === undefined && (
        <Link
          to="/rules/$ref"
          params={{ ref: rule }}
          search={{ event: event_id }}
          className="text-accent underline"
        >
          Clause by clause
        </Link>
      )}
    </li>
  );
}

function StartedRun({ decision: { run_id }, run }: DecisionRowProps) {
  if (run_id === null) return null;
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1">
      <Link to="/runs/$id" params={{ id: run_id }} className="text-accent underline wrap-anywhere">
        {run === undefined ? `Run ${run_id}` : `A run of ${run.ref}`}
      </Link>
      {run !== undefined && <StatusBadge status={run.status} />}
    </p>
  );
}
