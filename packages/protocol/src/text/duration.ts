const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
/** 1,000 years: added to any time to come it is one that RFC 3339 can write, whose years have four digits. */
const MAX_MS = 365_250 * 86_400_000;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/y;

/**
 * Milliseconds of a duration as people write it (`1h30m`, `500ms`, `0s`), or undefined when it is none.
 * Units: ms, s, m, h, d, w; each part may have a fraction. More than `maxMs` are none.
 */
export function parseDuration(text: string, maxMs = MAX_MS): number | undefined {
  if (text === "0") return 0;
  PART.lastIndex = 0;
  let totalMs = 0;
  let parts = 0;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (match === null) return undefined;
    totalMs += Number(match[1]) * (UNIT_MS[match[2] as string] as number);
    parts++;
  }
  const ms = Math.round(totalMs);
  return parts > 0 && ms <= maxMs ? ms : undefined;
}

/** A duration as JSON carries it: text in seconds (`"5400s"`, `"0.5s"`). */
export function formatDuration(ms: number): string {
  return `${ms / 1_000}s`;
}
