import { parseDuration } from "@yardmaster/protocol";
import { Flaw } from "./schedule.types.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./wall.ts";

const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** `90s`, `1h30m` or `PT15M`, in whole seconds. @throws Flaw */
export function readIntervalMs(text: string): number {
  const trimmed = text.trim();
  const ms = ofIso(trimmed.toUpperCase()) ?? parseDuration(trimmed);
  if (ms === undefined)
    throw new Flaw(
      `${JSON.stringify(text.slice(0, 60))} is no length of time`,
      "write 90s, 1h30m or PT15M; months and years differ in length: write FREQ=MONTHLY as an rrule",
    );
  if (ms < SECOND_MS || ms % SECOND_MS !== 0)
    throw new Flaw("an interval is one or more whole seconds");
  return ms;
}

function ofIso(text: string): number | undefined {
  const found = ISO.exec(text);
  if (found === null || /^P$|T$/.test(text)) return undefined;
  const [, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.map((part) =>
    Number(part ?? 0),
  );
  return (weeks * 7 + days) * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
}
