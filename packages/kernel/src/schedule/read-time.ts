import { parseTimestamp } from "../schema/timestamp.ts";
import type { Clock } from "./clock.ts";
import type { ChangePolicy } from "./on-clock.ts";
import { Flaw } from "./schedule.types.ts";
import { instantOfWall } from "./wall-instant.ts";

const LOCAL = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)?$/;

/** An ISO 8601 time; without an offset it is what the clock shows. @throws Flaw */
export function readTime(text: string, clock: Clock, policy?: ChangePolicy): number {
  const trimmed = text.trim();
  const given = trimmed.replace(/^(\S{10}T\d{2}:\d{2})(Z|[+-]\d{2}:\d{2})$/i, "$1:00$2");
  const instant = parseTimestamp(given);
  if (instant !== undefined) return instant;
  const wall = LOCAL.test(trimmed) ? parseTimestamp(inUtc(trimmed)) : undefined;
  if (wall === undefined)
    throw new Flaw(
      `${JSON.stringify(text.slice(0, 60))} is no time`,
      "write 2026-03-01T08:30:00 for a time of the zone, 2026-03-01T08:30:00Z for UTC",
    );
  return instantOfWall(wall, clock, policy);
}

function inUtc(local: string): string {
  const [date = "", time = "00:00:00"] = local.split(/[T ]/);
  return `${date}T${time.length === 5 ? `${time}:00` : time}Z`;
}
