import { Link } from "@tanstack/react-router";
import type { Run } from "@yardmaster/protocol";
import { isFinal } from "@yardmaster/protocol/core";
import { useState } from "react";
import { Button } from "../design/button.tsx";
import { Sentence } from "../design/sentence.tsx";
import { StatusBadge } from "../status/status-badge.tsx";
import { Age, Lasted } from "../time/moments.tsx";
import { CancelDialog } from "./cancel-dialog.tsx";
import { RetryButton } from "./retry-button.tsx";

interface RunHeaderProps {
  readonly run: Run;
  onCanceled(): void;
}

export function RunHeader({ run, onCanceled }: RunHeaderProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <header>
      <nav aria-label="Breadcrumb" className="text-muted">
        <Link to="/" className="hover:text-ink hover:underline">
          Runs
        </Link>
        <span aria-hidden> / </span>
        <Link to="/" search={{ ref: run.ref }} className="hover:text-ink hover:underline">
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
        {!isFinal(run.status) && (
          <Button type="button" kind="danger" className="ml-auto" onClick={() => setAsking(true)}>
            Cancel run
          </Button>
        )}
        {isFinal(run.status) && run.status !== "success" && <RetryButton run={run} />}
      </div>
      {run.reason !== null && (
        <p className="mt-1.5 text-muted">
          <Sentence text={run.reason} />
        </p>
      )}
      {isAsking && (
        <CancelDialog run={run} onCanceled={onCanceled} onClose={() => setAsking(false)} />
      )}
    </header>
  );
}
