import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface PageHeadProps {
  readonly title: string;
  /** The list in which it is. */
  readonly within?: {
    readonly to: "/tasks" | "/nodes" | "/queues" | "/packs";
    readonly word: string;
  };
  /** Beside the title: its status. */
  readonly beside?: ReactNode;
  /** What can be done. */
  readonly actions?: ReactNode;
  /** A sentence or two below. */
  readonly children?: ReactNode;
}

export function PageHead({ title, within, beside, actions, children }: PageHeadProps) {
  return (
    <header>
      {within !== undefined && (
        <nav aria-label="Breadcrumb" className="mb-1.5 text-muted">
          <Link
            to={within.to}
            // The list is not the page of what is in it.
            activeOptions={{ exact: true }}
            className="hover:text-ink hover:underline"
          >
            {within.word}
          </Link>
        </nav>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">{title}</h1>
        {beside}
        {actions !== undefined && (
          <div
            className={`flex flex-wrap gap-2 sm:ml-auto sm:justify-end ${beside === undefined ? "ml-auto" : "max-sm:basis-full"}`}
          >
            {actions}
          </div>
        )}
      </div>
      {children}
    </header>
  );
}
