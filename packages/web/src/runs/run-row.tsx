import { Link } from "@tanstack/react-router";
import type { Run } from "@yardmaster/protocol";
import { memo } from "react";
import { Sentence } from "../design/sentence.tsx";
import { focusIfOpened, noteOpened } from "../list/opened-row.ts";
import { StatusBadge } from "../status/status-badge.tsx";
import { Age, Lasted } from "../time/moments.tsx";

const GRID =
  "grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[8rem_1fr_6rem_6rem]";

interface RunRowProps {
  readonly run: Run;
  /** It came while the page was open: it says so for a moment. */
  readonly isNew: boolean;
}

/** Memoised: a refreshed list draws only the rows that changed. */
export const RunRow = memo(function RunRow({ run, isNew }: RunRowProps) {
  return (
    <li className={`border-line not-last:border-b ${isNew ? "arrive" : ""}`}>
      <Link
        to="/runs/$id"
        params={{ id: run.id }}
        ref={(row) => focusIfOpened(run.id, row)}
        // A click that no pointer made.
        onClick={({ detail }) => noteOpened(run.id, detail === 0)}
        className={`${GRID} hover:bg-hover focus-visible:-outline-offset-2`}
      >
        <span>
          <StatusBadge status={run.status} />
        </span>
        <span className="min-w-0 max-sm:order-first">
          <span className="block truncate font-medium">{run.ref}</span>
          <RunNote run={run} />
        </span>
        <span className="text-muted sm:text-right">
          <Age at={run.created_at} />
        </span>
        <span className="text-right text-muted tabular-nums">
          <Lasted from={run.created_at} to={run.finished_at} />
        </span>
      </Link>
    </li>
  );
});

/** Why it stands or what went wrong, else where it came from. */
function RunNote({ run }: { readonly run: Run }) {
  const note = run.error?.message ?? run.reason;
  const origin = run.parent_id === null ? run.created_by : `a step of run ${run.parent_id}`;
  return (
    <span className="block truncate text-[0.8125rem] text-muted">
      <Sentence text={note ?? origin} hasLinks={false} />
    </span>
  );
}

const SKELETONS = Array.from({ length: 8 }, (_, index) => index);

export function RunRowSkeletons() {
  return SKELETONS.map((index) => (
    <li key={index} aria-hidden className={`border-line not-last:border-b ${GRID}`}>
      <span className="h-6 w-20 motion-safe:animate-pulse rounded-full bg-sunken" />
      <span className="space-y-1.5 py-1 max-sm:order-first">
        <span className="block h-3 w-40 motion-safe:animate-pulse rounded bg-sunken" />
        <span className="block h-3 w-24 motion-safe:animate-pulse rounded bg-sunken" />
      </span>
      <span className="h-3 w-16 motion-safe:animate-pulse rounded bg-sunken sm:justify-self-end" />
      <span className="h-3 w-10 motion-safe:animate-pulse justify-self-end rounded bg-sunken" />
    </li>
  ));
}
