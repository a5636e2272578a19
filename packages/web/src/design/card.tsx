import type { ReactNode } from "react";

interface CardProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A titled region of a page. */
export function Card({ title, aside, children }: CardProps) {
  return (
    <section aria-label={title} className="overflow-hidden rounded-xl border border-line bg-card">
      <header className="flex min-h-11 items-center justify-between gap-3 border-b border-line px-4">
        <h2 className="min-w-0 py-2 font-semibold wrap-anywhere">{title}</h2>
        <div className="shrink-0">{aside}</div>
      </header>
      {children}
    </section>
  );
}
