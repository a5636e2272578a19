import { isDefinitionMissing } from "../keeper/definition-of.ts";

/** A definition that is missing is looked for as seldom. */
const MISSING_MS = 30_000;
/** After any other failure. */
const FAILED_MS = 3_000;

/**
 * What could not be seen to just now. A scan takes a batch at a time, and what fails is there again in the next: without
 * this, as many as a batch holds would stand before all others for ever, and fill the log.
 */
export function createSetAside(monotonicMs: () => number) {
  const until = new Map<string, number>();

  return {
    note(id: string, error: unknown): void {
      until.set(id, monotonicMs() + (isDefinitionMissing(error) ? MISSING_MS : FAILED_MS));
    },
    /** What a scan passes by now. */
    ids(): string[] {
      for (const [id, atMs] of until) if (atMs <= monotonicMs()) until.delete(id);
      return [...until.keys()];
    },
  };
}

export type SetAside = ReturnType<typeof createSetAside>;
