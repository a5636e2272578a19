import { Link } from "@tanstack/react-router";
import type { Run } from "@yardmaster/protocol";
import { RuleLink } from "../decisions/rule-link.tsx";
import { Card } from "../design/card.tsx";
import { Code } from "../design/code.tsx";
import { CopyButton } from "../design/copy-button.tsx";
import { Fact, Facts } from "../design/facts.tsx";
import { formatDay } from "../time/format.ts";

/** Where a run comes from, and by what it is known elsewhere. */
export function FactsCard({ run }: { readonly run: Run }) {
  return (
    <Card title="Details" aside={<CopyButton text={run.id} label="Copy the run's id" />}>
      <Facts>
        <Fact name="Run">
          <Code>{run.id}</Code>
        </Fact>
        {run.parent_id === null ? (
          <Fact name="Started by">{run.created_by}</Fact>
        ) : (
          <Fact name="Step of">
            <RunLink id={run.parent_id} />
          </Fact>
        )}
        {run.rule !== null && (
          <Fact name="Rule">
            <RuleLink rule={run.rule} />
          </Fact>
        )}
        {run.event_id !== null && (
          <Fact name="Event">
            <Link to="/events/$id" params={{ id: run.event_id }} className="text-accent underline">
              {run.event_id}
            </Link>
          </Fact>
        )}
        {run.retry_of !== null && (
          <Fact name="Retry of">
            <RunLink id={run.retry_of} />
          </Fact>
        )}
        <Fact name="Created">{formatDay(run.created_at)}</Fact>
        {run.finished_at !== null && <Fact name="Finished">{formatDay(run.finished_at)}</Fact>}
        {run.pack_digest !== null && (
          <Fact name="Pack">
            <code className="font-mono text-[0.8125rem]" title={run.pack_digest}>
              {run.pack_digest.slice(0, 12)}
            </code>
          </Fact>
        )}
      </Facts>
    </Card>
  );
}

function RunLink({ id }: { readonly id: string }) {
  return (
    <Link to="/runs/$id" params={{ id }} className="text-accent underline">
      {id}
    </Link>
  );
}
