import type { Change } from "../engine/index.ts";

export interface ChangeFilter {
  /** Separated by commas; each may end in `*`. */
  readonly types?: string | undefined;
  readonly run?: string | undefined;
}

/** Whether a subscriber wants a change. */
export function changeFilter({ types, run }: ChangeFilter): (change: Change) => boolean {
  const patterns = types?.split(",").map((type) => type.trim()) ?? [];
  const exact = new Set(patterns);
  const prefixes = patterns.filter((type) => type.endsWith("*")).map((type) => type.slice(0, -1));
  return (change) => {
    if (run !== undefined && change.id !== run && change["run_id"] !== run) return false;
    if (patterns.length === 0 || exact.has(change.type)) return true;
    return prefixes.some((prefix) => change.type.startsWith(prefix));
  };
}
