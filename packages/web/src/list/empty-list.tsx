import type { ReactNode } from "react";

interface EmptyListProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** Stands where a list has nothing: why that is, and what to do. */
export function EmptyList({ title, children }: EmptyListProps) {
  return (
    <div className="mt-4 rounded-xl border border-dashed border-line px-6 py-14 text-center">
      <p className="font-semibold">{title}</p>
      <div className="mt-1 text-muted">{children}</div>
    </div>
  );
}
