import { Link } from "@tanstack/react-router";
import type { Run } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { Failure } from "../design/failure.tsx";
import { Sentence } from "../design/sentence.tsx";
import type { Part } from "../live/read-part.ts";
import { StatusBadge } from "../status/status-badge.tsx";
import { Age, Lasted } from "../time/moments.tsx";

/** The runs that a task has started last. */
export function TaskRunsCard({ runs: { data, error } }: { readonly runs: Part<Run[]> }) {
  return (
    <Card title="Last runs">
      {data === undefined ? (
        <div className="p-4">
          <Failure error={error} to="read runs" />
        </div>
      ) : (
        <Runs runs={data} />
      )}
    </Card>
  );
}

function Runs({ runs }: { readonly runs: readonly Run[] }) {
  if (runs.length === 0)
    return <p className="px-4 py-3 text-muted">It has started no run that is still kept.</p>;
  return (
    <ul className="divide-y divide-line">
      {runs.map((run) => (
        <li key={run.id}>
          <Link
            to="/runs/$id"
            params={{ id: run.id }}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 hover:bg-hover focus-visible:-outline-offset-2"
          >
            <StatusBadge status={run.status} />
            <span className="min-w-0 flex-1 truncate text-muted max-sm:order-last max-sm:basis-full">
              <Sentence text={run.error?.message ?? run.reason ?? run.ref} hasLinks={false} />
            </span>
            <span className="ml-auto whitespace-nowrap text-muted tabular-nums">
              <Age at={run.created_at} /> · <Lasted from={run.created_at} to={run.finished_at} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
