import { Link } from "@tanstack/react-router";
import type { Run } from "@yardmaster/protocol";
import { isFinal } from "@yardmaster/protocol/core";
import { useState } from "react";
import { Button } from "../design/button.tsx";
import { Sentence } from "../design/sentence.tsx";
import { StatusBadge } from "../status/status-badge.tsx";
import { Age, Lasted } from "../time/moments.tsx";
import { CancelDialog } from "./cancel-dialog.tsx";
import { HoldButton } from "./hold-button.tsx";
import { RetryButton } from "./retry-button.tsx";

interface RunHeaderProps {
  readonly run: Run;
  /** Something was done to the run. */
  onChanged(): void;
}

export function RunHeader({ run, onChanged }: RunHeaderProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <header>
      <nav aria-label="Breadcrumb" className="text-muted">
        <Link to="/" activeOptions={{ exact: true }} className="hover:text-ink hover:underline">
          Runs
        </Link>
        <span aria-hidden> / </span>
        <Link
          to="/"
          activeOptions={{ exact: true }}
          search={{ ref: run.ref }}
          className="hover:text-ink hover:underline"
        >
          {run.ref}
        </Link>
      </nav>
      <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">{run.ref}</h1>
        <span role="status">
          <StatusBadge status={run.status} />
        </span>
        <span className="text-muted tabular-nums">
          <Age at={run.created_at} /> · <Lasted from={run.created_at} to={run.finished_at} />
        </span>
        <div className="ml-auto flex flex-wrap justify-end gap-2">
          {!isFinal(run.status) && (
            <>
              <HoldButton run={run} onChanged={onChanged} />
              <Button type="button" kind="danger" onClick={() => setAsking(true)}>
                Cancel run
              </Button>
            </>
          )}
          {isFinal(run.status) && run.status !== "success" && <RetryButton run={run} />}
        </div>
      </div>
      {run.reason !== null && (
        <p className="mt-1.5 text-muted">
          <Sentence text={run.reason} />
        </p>
      )}
      {isAsking && (
        <CancelDialog run={run} onCanceled={onChanged} onClose={() => setAsking(false)} />
      )}
    </header>
  );
}
