import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface QueueRowsProps {
  /** Said where there are none. */
  readonly none: string;
  /** There are others, which are not shown. */
  readonly more?: string | undefined;
  readonly children: readonly ReactNode[];
}

/** The rows of a card of a queue. */
export function QueueRows({ none, more, children }: QueueRowsProps) {
  if (children.length === 0) return <p className="px-4 py-3 text-muted">{none}</p>;
  return (
    <>
      <ol className="max-h-120 divide-y divide-line overflow-y-auto">{children}</ol>
      {more !== undefined && <p className="border-t border-line px-4 py-2 text-muted">{more}</p>}
    </>
  );
}

interface StepLinkProps {
  readonly run: string;
  readonly step: string;
  readonly attempt: number;
}

/** Which try of which step it is: a way to its run, with that step chosen. */
export function StepLink({ run, step, attempt }: StepLinkProps) {
  return (
    <Link
      to="/runs/$id"
      params={{ id: run }}
      search={{ step }}
      className="min-w-0 text-accent underline wrap-anywhere"
    >
      {step} of run {run}
      {attempt > 1 && `, attempt ${attempt}`}
    </Link>
  );
}
