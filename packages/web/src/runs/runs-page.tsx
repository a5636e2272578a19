import { useState } from "react";
import { Button } from "../design/button.tsx";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import { NoRuns } from "./no-runs.tsx";
import { RefFilter } from "./ref-filter.tsx";
import type { RunFilter } from "./run-filter.ts";
import { RunRow, RunRowSkeletons } from "./run-row.tsx";
import { StartRunDialog } from "./start-run-dialog.tsx";
import { StatusFilter } from "./status-filter.tsx";
import { useRuns } from "./use-runs.ts";

/** All runs, newest first, as they come. */
export function RunsPage({ filter }: { readonly filter: RunFilter }) {
  const [isStarting, setStarting] = useState(false);
  return (
    <>
      <title>Runs — Yardmaster</title>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold tracking-tight">Runs</h1>
        <Button type="button" kind="primary" onClick={() => setStarting(true)}>
          Start a run
        </Button>
      </div>
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <StatusFilter filter={filter} />
        <RefFilter key={filter.ref ?? ""} filter={filter} />
      </div>
      <RunsList filter={filter} />
      {isStarting && (
        <StartRunDialog firstRef={filter.ref ?? ""} onClose={() => setStarting(false)} />
      )}
    </>
  );
}

function RunsList({ filter }: { readonly filter: RunFilter }) {
  const [openedAt] = useState(() => Date.now());
  const { query, hold } = useRuns(filter);
  const { data, error, isPending, isPlaceholderData } = query;
  if (data === undefined && error !== null)
    return (
      <div className="mt-4 space-y-3">
        <Notice tone="bad">{messageOf(error)}</Notice>
        <Button type="button" onClick={() => void query.refetch()}>
          Try again
        </Button>
      </div>
    );
  if (data?.length === 0) return <NoRuns filter={filter} />;
  return (
    <div className="mt-4 space-y-4">
      <ol
        ref={hold.list}
        onPointerMove={hold.onPointerMove}
        aria-label="Runs, newest first"
        aria-busy={isPending || isPlaceholderData}
        className={`overflow-hidden rounded-xl border border-line bg-card transition-opacity ${isPlaceholderData ? "opacity-60" : ""}`}
      >
        {data === undefined ? (
          <RunRowSkeletons />
        ) : (
          data.map((run) => (
            <RunRow key={run.id} run={run} isNew={Date.parse(run.created_at) > openedAt} />
          ))
        )}
      </ol>
      {hold.isAway && (
        <Button
          type="button"
          className="fixed bottom-4 left-1/2 z-10 -translate-x-1/2 shadow"
          onClick={() => scrollTo({ top: 0 })}
        >
          To the newest
        </Button>
      )}
      {query.hasNextPage && (
        <div className="text-center">
          <Button
            type="button"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {query.isFetchingNextPage ? "Loading…" : "Show older runs"}
          </Button>
        </div>
      )}
    </div>
  );
}
