const RFC_3339 =
  /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|([+-])(\d{2}):(\d{2}))$/i;

/** Unix milliseconds of an RFC 3339 time, or undefined when it is none. Finer digits are dropped. */
export function parseTimestamp(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(text.toUpperCase());
  if (Number.isNaN(ms)) return undefined;
  const offsetMs = match[2] === undefined ? 0 : signedOffset(match[2], match[3], match[4]);
  // Date.parse takes the 30th of February for the 1st of March; the date must come back as written.
  return new Date(ms + offsetMs).toISOString().startsWith(match[1] ?? "") ? ms : undefined;
}

/** RFC 3339 in UTC with milliseconds, as every time on the wire. */
export function formatTimestamp(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

function signedOffset(sign: string, hours = "0", minutes = "0"): number {
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === "-" ? -ms : ms;
}
