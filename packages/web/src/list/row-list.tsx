import type { ReactNode } from "react";
import { RowSkeletons } from "./row-skeletons.tsx";

interface RowListProps {
  /** For people: what is listed, in which order. */
  readonly label: string;
  /** What is shown is about to be replaced. */
  readonly isBusy?: boolean;
  /** Its rows; none while they are not known. */
  readonly children?: ReactNode;
}

/** A list whose rows are links, one below the other. */
export function RowList({ label, isBusy = false, children }: RowListProps) {
  const isPending = children === undefined;
  return (
    <ul
      aria-label={label}
      aria-busy={isBusy || isPending}
      className={`overflow-hidden rounded-xl border border-line bg-card transition-opacity ${isBusy ? "opacity-60" : ""}`}
    >
      {isPending ? <RowSkeletons /> : children}
    </ul>
  );
}

/** Of the link that a row is. */
export const ROW_LOOK =
  "grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2";
