import { Link } from "@tanstack/react-router";
import type { RunStatus } from "@yardmaster/protocol/core";
import { TABS_LOOK, tabLook } from "../list/tabs.ts";
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
    <nav aria-label="Filter by status" className={TABS_LOOK}>
      {CHOICES.map((status) => {
        const isChosen = status === filter.status;
        return (
          <Link
            key={status ?? "all"}
            to="/"
            search={status === undefined ? others : { ...others, status }}
            activeOptions={{ exact: true }}
            aria-current={isChosen ? "true" : undefined}
            className={tabLook(isChosen)}
          >
            {status === undefined ? "All" : STATUS_STYLES[status].word}
          </Link>
        );
      })}
    </nav>
  );
}
