import { Link } from "@tanstack/react-router";
import type { Run } from "@yardmaster/protocol";
import type { ReactNode } from "react";
import { Card } from "../design/card.tsx";
import { CopyButton } from "../design/copy-button.tsx";
import { formatMoment } from "../time/format.ts";

/** Where a run comes from, and by what it is known elsewhere. */
export function FactsCard({ run }: { readonly run: Run }) {
  return (
    <Card title="Details" aside={<CopyButton text={run.id} label="Copy the run's id" />}>
      <dl className="grid grid-cols-[6rem_1fr] gap-x-3 gap-y-1.5 px-4 py-3">
        <Fact name="Run">
          <code className="font-mono text-[0.8125rem]">{run.id}</code>
        </Fact>
        {run.parent_id === null ? (
          <Fact name="Started by">{run.created_by}</Fact>
        ) : (
          <Fact name="Step of">
            <RunLink id={run.parent_id} />
          </Fact>
        )}
        {run.rule !== null && <Fact name="Rule">{run.rule}</Fact>}
        {run.event_id !== null && (
          <Fact name="Event">
            <code className="font-mono text-[0.8125rem]">{run.event_id}</code>
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
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </>
  );
}

function RunLink({ id }: { readonly id: string }) {
  return (
    <Link to="/runs/$id" params={{ id }} className="text-accent underline">
      {id}
    </Link>
  );
}

/** With its date, whatever day it is. */
function formatDay(at: string): string {
  return formatMoment(Date.parse(at), 0);
}
