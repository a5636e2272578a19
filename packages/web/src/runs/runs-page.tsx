import { useState } from "react";
import { Button } from "../design/button.tsx";
import { Failure } from "../design/failure.tsx";
import { NoRuns } from "./no-runs.tsx";
import { NewestLink, OlderLink } from "./page-links.tsx";
import { RefFilter } from "./ref-filter.tsx";
import { RootsFilter } from "./roots-filter.tsx";
import { filterOf, type RunPlace } from "./run-filter.ts";
import { RunRow, RunRowSkeletons } from "./run-row.tsx";
import { StartRunDialog } from "./start-run-dialog.tsx";
import { StatusFilter } from "./status-filter.tsx";
import { useRuns } from "./use-runs.ts";

/** All runs, newest first, as they come. */
export function RunsPage({ place }: { readonly place: RunPlace }) {
  const filter = filterOf(place);
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
        <RootsFilter filter={filter} />
        <RefFilter filter={filter} />
      </div>
      <RunsList place={place} />
      {isStarting && (
        <StartRunDialog firstRef={filter.ref ?? ""} onClose={() => setStarting(false)} />
      )}
    </>
  );
}

function RunsList({ place }: { readonly place: RunPlace }) {
  const [openedAt] = useState(() => Date.now());
  const { query, hold } = useRuns(place);
  const { data, error, isPending, isPlaceholderData } = query;
  if (data === undefined && error !== null)
    return (
      <div className="mt-4">
        <Failure error={error} to="read runs" onRetry={() => void query.refetch()} />
      </div>
    );
  if (data?.items.length === 0) return <NoRuns place={place} />;
  return (
    <div className="mt-4 space-y-4">
      {place.before !== undefined && (
        <p className="text-muted">
          These are older runs. <NewestLink place={place} />
        </p>
      )}
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
          data.items.map((run) => (
            <RunRow key={run.id} run={run} isNew={Date.parse(run.created_at) > openedAt} />
          ))
        )}
      </ol>
      {hold.isAway && place.before === undefined && (
        <Button
          type="button"
          className="fixed right-4 bottom-4 z-10 shadow"
          onClick={() => scrollTo({ top: 0 })}
        >
          To the newest
        </Button>
      )}
      {data?.next !== undefined && <OlderLink place={place} next={data.next} />}
    </div>
  );
}
