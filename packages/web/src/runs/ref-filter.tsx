import { useNavigate } from "@tanstack/react-router";
import { TextFilter } from "../list/text-filter.tsx";
import { RefOptions } from "./ref-options.tsx";
import type { RunFilter } from "./run-filter.ts";

/** Keeps the runs of one workflow or action. */
export function RefFilter({ filter }: { readonly filter: RunFilter }) {
  const navigate = useNavigate();
  function choose(ref: string | undefined): void {
    const { ref: _, ...others } = filter;
    void navigate({ to: "/", search: ref === undefined ? others : { ...others, ref } });
  }
  return (
    <TextFilter
      label="Workflow or action"
      value={filter.ref}
      className="sm:ml-auto sm:w-64 max-sm:w-full"
      list="known-refs"
      onValue={choose}
    >
      <RefOptions id="known-refs" />
    </TextFilter>
  );
}
