import { useNavigate } from "@tanstack/react-router";
import type { RunFilter } from "./run-filter.ts";

/** Keeps the runs that are no steps of others: a fan-out of sub-workflows would flood the list. */
export function RootsFilter({ filter }: { readonly filter: RunFilter }) {
  const navigate = useNavigate();
  const { roots, ...others } = filter;
  function toggle(): void {
    void navigate({ to: "/", search: roots ? others : { ...others, roots: true } });
  }
  return (
    <label className="flex items-center gap-2 text-muted">
      <input type="checkbox" checked={roots === true} onChange={toggle} />
      Without steps of others
    </label>
  );
}
