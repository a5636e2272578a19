/** How many attempts of a lane may start in any stretch of time of this length. */
export interface LaneRate {
  readonly starts: number;
  readonly perMs: number;
}

/** Starts that one rate may name: so many are counted, at most, when a lane admits. */
export const MAX_RATE_STARTS = 10_000;

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS_MS;

/** `10/s`, `100/m`, `1000/h`, `5/d`; undefined for anything else. */
export function parseRate(text: string): LaneRate | undefined {
  const [, count = "", unit = ""] = /^([1-9]\d{0,4})\/([smhd])$/.exec(text) ?? [];
  const starts = Number(count);
  if (count === "" || starts > MAX_RATE_STARTS) return undefined;
  return { starts, perMs: UNITS_MS[unit as Unit] };
}

/** As people write it. */
export function formatRate({ starts, perMs }: LaneRate): string {
  const unit = (Object.keys(UNITS_MS) as Unit[]).find((one) => UNITS_MS[one] === perMs);
  return `${starts}/${unit ?? `${perMs}ms`}`;
}

/** What one admission started, and when. */
export interface LaneStarts {
  readonly atMs: number;
  readonly starts: number;
}

/**
 * How many more a lane may start now, and, where that is none, from when on it may again. A sliding window: what
 * was started longer ago than the rate's time counts no more. The decision that the claims take in SQL.
 */
export function rateRoom(
  { starts: most, perMs }: LaneRate,
  recent: readonly LaneStarts[],
  nowMs: number,
): { readonly room: number; readonly nextAtMs: number | null } {
  const counted = recent.filter(({ atMs }) => atMs > nowMs - perMs).sort((a, b) => a.atMs - b.atMs);
  let used = counted.reduce((sum, { starts }) => sum + starts, 0);
  if (used < most) return { room: most - used, nextAtMs: null };
  for (const { atMs, starts } of counted) {
    used -= starts;
    if (used < most) return { room: 0, nextAtMs: atMs + perMs };
  }
  return { room: 0, nextAtMs: nowMs + perMs };
}
