import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { RefOptions } from "./ref-options.tsx";
import type { RunFilter } from "./run-filter.ts";

/** Keeps the runs of one workflow or action. */
export function RefFilter({ filter }: { readonly filter: RunFilter }) {
  const navigate = useNavigate();
  const [ref, setRef] = useState(filter.ref ?? "");

  function apply(): void {
    const { ref: _, ...others } = filter;
    const wanted = ref.trim();
    if (wanted === (filter.ref ?? "")) return;
    void navigate({ to: "/", search: wanted === "" ? others : { ...others, ref: wanted } });
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    apply();
  }

  return (
    <search className="sm:ml-auto sm:w-64 max-sm:w-full">
      <form onSubmit={submit}>
        <input
          type="search"
          className="field w-full"
          aria-label="Filter by workflow or action"
          placeholder="Workflow or action"
          list="known-refs"
          value={ref}
          onChange={(event) => setRef(event.target.value)}
          onBlur={apply}
        />
        <RefOptions id="known-refs" />
      </form>
    </search>
  );
}
