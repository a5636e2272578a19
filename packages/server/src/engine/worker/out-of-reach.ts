/** How long what is missing is passed by: twice as long each time, up to the most. */
const FIRST_MS = 1_000;
const MOST_MS = 30_000;

/**
 * What this process has no definition of, by pack (digest) or built-in action (ref). Its claims pass it by, so that who
 * has the definition gets it; now and then one is claimed all the same, to see whether it is there.
 */
export function createOutOfReach(monotonicMs: () => number) {
  const missing = new Map<string, { readonly forMs: number; readonly untilMs: number }>();

  return {
    /** It was looked for and is not there. Of several that were claimed together one counts. True: that is news. */
    note(name: string): boolean {
      const before = missing.get(name);
      if (before !== undefined && before.untilMs > monotonicMs()) return false;
      const forMs = before === undefined ? FIRST_MS : Math.min(2 * before.forMs, MOST_MS);
      missing.set(name, { forMs, untilMs: monotonicMs() + forMs });
      return before === undefined;
    },
    found(name: string): void {
      missing.delete(name);
    },
    /** What is passed by now. */
    names(): string[] {
      return [...missing].flatMap(([name, { untilMs }]) => (untilMs > monotonicMs() ? [name] : []));
    },
    /** In how many milliseconds the next of it is tried; undefined where nothing is passed by. */
    againInMs(): number | undefined {
      const waits = [...missing.values()].map(({ untilMs }) => untilMs - monotonicMs());
      const next = Math.min(...waits.filter((inMs) => inMs > 0));
      return Number.isFinite(next) ? next : undefined;
    },
  };
}
