import { Card } from "../design/card.tsx";
import { Failure } from "../design/failure.tsx";
import type { Part } from "../live/read-part.ts";
import { formatDuration } from "../time/format.ts";
import { Age } from "../time/moments.tsx";
import { Actor } from "./actor.tsx";
import type { NodeAct } from "./calls-of.ts";

/** What was done to a node last, and what it did, by the audit. */
export function ActsCard({ acts: { data, error } }: { readonly acts: Part<NodeAct[]> }) {
  return (
    <Card title="Last calls and changes">
      {data === undefined && (
        <div className="p-4">
          <Failure error={error} to="read the audit" />
        </div>
      )}
      {data?.length === 0 && (
        <p className="px-4 py-3 text-muted">Nothing that the audit still has.</p>
      )}
      <ul className="max-h-160 divide-y divide-line overflow-y-auto">
        {data?.map((act) => (
          <ActRow key={act.key} act={act} />
        ))}
      </ul>
    </Card>
  );
}

function ActRow({ act }: { readonly act: NodeAct }) {
  const { what, about, actor, at, durationMs } = act;
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 px-4 py-2">
      <span className="min-w-0">
        <span className="font-medium">{what}</span>{" "}
        <span className="font-mono text-[0.8125rem] wrap-anywhere">{about}</span>
      </span>
      <Outcome act={act} />
      <span className="min-w-0 truncate text-[0.8125rem] text-muted">
        <Actor actor={actor} />
      </span>
      <span className="text-right text-[0.8125rem] whitespace-nowrap text-muted tabular-nums">
        <Age at={at} />
        {durationMs !== null && ` · ${formatDuration(durationMs)}`}
      </span>
    </li>
  );
}

function Outcome({ act: { status, exitCode } }: { readonly act: NodeAct }) {
  if (status === null) return <span className="text-right text-accent">no end yet</span>;
  const word = exitCode === null || exitCode === 0 ? status : `exit ${exitCode}`;
  return (
    <span className={`text-right ${status === "ok" ? "text-muted" : "text-bad"}`}>{word}</span>
  );
}
