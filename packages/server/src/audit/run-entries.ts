import type { NewId } from "@yardmaster/protocol";
import type { AuditEntry } from "./audit.types.ts";
import { createEntryMaker, type EntryMaker } from "./entry.ts";
import { auditPart, type RunEntry } from "./run-part.ts";

/**
 * An event that is committed with what a run makes of it. `kept` is to be called when that is durable, for the file
 * beside the chain.
 */
export type WithRun = (entry: AuditEntry & { readonly phase: "event" }) => {
  readonly part: { readonly kind: typeof auditPart; readonly row: RunEntry };
  readonly kept: () => void;
};

/** `onKept` is given the line of an entry that is durable. */
export function runEntries(maker: EntryMaker, onKept: (line: string) => void): WithRun {
  return (entry) => {
    const row: RunEntry = { body: maker.make(entry) };
    return {
      part: { kind: auditPart, row },
      kept: () => onKept(JSON.stringify({ ...row.body, ...row.place })),
    };
  };
}

/** For a process without the file: what it audits stands in the chain alone. */
export function createRunEntries(
  deps: { readonly newId: NewId; readonly now: () => number },
  secrets: readonly (string | undefined)[],
): WithRun {
  return runEntries(createEntryMaker(deps, secrets), () => {});
}
