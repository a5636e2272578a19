import { failureCode } from "@yardmaster/protocol";

interface RepeatsOptions {
  /** Of a clock that never jumps. */
  readonly monotonicMs: () => number;
  /** A kind is told once in so long. */
  readonly everyMs?: number;
}

const EVERY_MS = 30_000;
/** Kinds that are remembered; beyond them the oldest is told anew. */
const MAX_KINDS = 1_000;

/**
 * For what fails many times a second while PostgreSQL is away. Gives how many of a kind were left out since one was
 * told, where this one is to be told; undefined where it is to be left out.
 */
export function createRepeats({ monotonicMs, everyMs = EVERY_MS }: RepeatsOptions) {
  const kinds = new Map<string, { toldAt: number; leftOut: number }>();

  return function repeat(kind: string): number | undefined {
    const now = monotonicMs();
    const known = kinds.get(kind);
    if (known !== undefined && now - known.toldAt < everyMs) {
      known.leftOut++;
      return undefined;
    }
    kinds.delete(kind);
    kinds.set(kind, { toldAt: now, leftOut: 0 });
    if (kinds.size > MAX_KINDS) kinds.delete(kinds.keys().next().value as string);
    return known?.leftOut ?? 0;
  };
}

/** What failed and how: the same failure with another text is the same kind. */
export function kindOf(what: string, error: unknown): string {
  const name = error instanceof Error ? error.name : undefined;
  return `${what} ${failureCode(error) ?? name}`;
}
