import { Link } from "@tanstack/react-router";
import type { RunStatus } from "@yardmaster/protocol/core";
import { STATUS_STYLES } from "../status/status-style.ts";
import type { RunFilter } from "./run-filter.ts";

const CHOICES: readonly (RunStatus | undefined)[] = [
  undefined,
  "running",
  "waiting",
  "queued",
  "failed",
  "timed_out",
  "success",
  "canceled",
];

export function StatusFilter({ filter }: { readonly filter: RunFilter }) {
  const { status: _, ...others } = filter;
  return (
    <nav
      aria-label="Filter by status"
      className="-mx-1 flex max-w-full gap-1 overflow-x-auto rounded-xl p-1 max-sm:pb-2"
    >
      {CHOICES.map((status) => {
        const isChosen = status === filter.status;
        return (
          <Link
            key={status ?? "all"}
            to="/"
            search={status === undefined ? others : { ...others, status }}
            aria-current={isChosen ? "true" : undefined}
            className={`rounded-lg px-2.5 py-1 font-medium whitespace-nowrap ${isChosen ? "bg-accent-soft text-accent" : "text-muted hover:bg-hover hover:text-ink"}`}
          >
            {status === undefined ? "All" : STATUS_STYLES[status].word}
          </Link>
        );
      })}
    </nav>
  );
}
