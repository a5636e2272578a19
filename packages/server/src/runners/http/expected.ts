import type { HttpRequest } from "@yardmaster/kernel";

/** Whether a status is one of those that an action takes for success. */
export function isExpected(status: number, expect: HttpRequest["expect"]): boolean {
  const wanted = typeof expect === "object" ? expect : [expect];
  return wanted.some((one) =>
    typeof one === "number" ? one === status : Number(one[0]) === Math.floor(status / 100),
  );
}

/** `Retry-After` in milliseconds from now: seconds, or a date (RFC 9110, 10.2.3); undefined where it says neither. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
