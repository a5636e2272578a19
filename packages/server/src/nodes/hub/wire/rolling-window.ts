/** Counts what happened within a span that moves with time. */
export interface RollingWindow {
  /** False where the limit was reached; what is refused is not counted. */
  take(nowMs: number): boolean;
  /** When there is room again, in milliseconds from now; 0 where there is. */
  waitMs(nowMs: number): number;
  /** Whether it remembers anything. */
  isEmpty(nowMs: number): boolean;
}

/**
 * At most `limit` in any span of `spanMs`: a stamp that is exactly as old as the span has left it. A limit of 0
 * is none. Stamps are kept in a ring that is made when the first one comes.
 */
export function createRollingWindow(limit: number, spanMs: number): RollingWindow {
  let stamps: Float64Array | undefined;
  let next = 0;

  /** The stamp that must have left the span before another one fits. */
  const oldest = (): number => stamps?.[next] ?? Number.NEGATIVE_INFINITY;

  return {
    take(nowMs) {
      if (limit === 0) return true;
      if (nowMs - oldest() < spanMs) return false;
      stamps ??= new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
      stamps[next] = nowMs;
      next = (next + 1) % limit;
      return true;
    },
    waitMs: (nowMs) => (limit === 0 ? 0 : Math.max(0, oldest() + spanMs - nowMs)),
    isEmpty(nowMs) {
      const last = stamps?.[(next + limit - 1) % limit] ?? Number.NEGATIVE_INFINITY;
      return nowMs - last >= spanMs;
    },
  };
}
