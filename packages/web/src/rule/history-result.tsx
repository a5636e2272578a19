import { Link } from "@tanstack/react-router";
import { Code } from "../design/code.tsx";
import { Notice } from "../design/notice.tsx";
import { formatDay } from "../time/format.ts";
import type { HistorySum } from "./history-sum.ts";

interface HistoryResultProps {
  readonly sum: HistorySum;
  readonly isJudging: boolean;
}

/** How often a rule would have matched, what stood against it most, and what it would have started. */
export function HistoryResult({ sum, isJudging }: HistoryResultProps) {
  const { judged, matched, not_matched, error, held, clauses, matches, errors } = sum;
  const more = matched - matches.length;
  return (
    <>
      <p className="font-medium">
        {isJudging ? "So far " : ""}
        {judged.toLocaleString()} {judged === 1 ? "event" : "events"}: {matched.toLocaleString()}{" "}
        matched, {not_matched.toLocaleString()} not
        {error > 0 && `, ${error.toLocaleString()} could not be judged`}
        {!isJudging && sum.isOpen && ". Stopped before the end"}
      </p>
      {held !== null && <Notice tone="warn">It would be held now: {held}.</Notice>}
      {clauses.length > 0 && (
        <ul aria-label="What did not hold" className="space-y-1">
          {clauses.map(({ clause, count }) => (
            <li key={clause} className="text-muted wrap-anywhere">
              {count.toLocaleString()} × <Code>{clause}</Code> did not hold
            </li>
          ))}
        </ul>
      )}
      {errors.length > 0 && (
        <ul aria-label="Errors" className="space-y-1">
          {errors.map(({ event_id, reason }) => (
            <li key={event_id} className="text-bad wrap-anywhere">
              <Link to="/events/$id" params={{ id: event_id }} className="underline">
                {event_id}
              </Link>
              : {reason}
            </li>
          ))}
        </ul>
      )}
      {matches.length > 0 && (
        <ul
          aria-label="What it would have started"
          className="max-h-96 divide-y divide-line overflow-y-auto rounded-lg border border-line"
        >
          {matches.map(({ event_id, subject, type, received_at, run }) => (
            <li key={event_id} className="space-y-0.5 px-3 py-2">
              <Link
                to="/events/$id"
                params={{ id: event_id }}
                className="text-accent underline wrap-anywhere"
              >
                {formatDay(received_at)}
              </Link>{" "}
              <span className="wrap-anywhere">{subject ?? type}</span>
              {run !== null && (
                <p className="text-muted wrap-anywhere">
                  would start {run.ref} with{" "}
                  <code className="line-clamp-2 font-mono text-[0.8125rem]">
                    {JSON.stringify(run.input)}
                  </code>
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <p className="text-muted">and {more.toLocaleString()} more matches</p>}
    </>
  );
}
