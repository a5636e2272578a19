import { evaluationFailure, Failure } from "../failure.ts";
import { type Frame, step } from "../frame.ts";
import { STRING, TIMESTAMP } from "../values/cel-type.ts";
import { type Opaque, timestampOf } from "../values/values.ts";
import { define, type Functions } from "./signature.ts";
import { type Parts, readLayout } from "./time-layout.ts";
import { DAY_MS, localTime, utcOf, ZONE_STEPS, zoneProblem } from "./time-zone.ts";

const TEXT = ["string"] as const;
const TIME = ["timestamp"] as const;

function layoutProblem(layout: string): string | undefined {
  const pieces = readLayout(layout);
  return pieces instanceof Failure ? pieces.message : undefined;
}

function checkText(index: number, text: string): string | undefined {
  return index === 1 ? layoutProblem(text) : index === 2 ? zoneProblem(text) : undefined;
}

function format(
  [time, layout, zone]: readonly [Opaque, string, string?],
  frame: Frame,
): string | Failure {
  const pieces = readLayout(layout);
  if (pieces instanceof Failure) return pieces;
  const date = step(frame, ZONE_STEPS) ?? localTime(time.ms, zone);
  if (date instanceof Failure) return date;
  const clock = { date, offsetMs: date.getTime() - time.ms };
  return pieces.map((piece) => (typeof piece === "string" ? piece : piece.write(clock))).join("");
}

function parse(
  [text, layout, zone]: readonly [string, string, string?],
  frame: Frame,
): Opaque | Failure {
  const pieces = step(frame, 2 * ZONE_STEPS) ?? readLayout(layout);
  if (pieces instanceof Failure) return pieces;
  const parts: Parts = { year: 1970, month: 0, day: 1, hour: 0, minute: 0, second: 0, ms: 0 };
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") {
      if (!text.startsWith(piece, at)) return unfit(text, layout, at);
      at += piece.length;
      continue;
    }
    const { read } = piece;
    if (read === undefined)
      return evaluationFailure(
        `time.parse() cannot use ${layout}: it has a part that only formats`,
      );
    read.lastIndex = at;
    const found = read.exec(text)?.[0];
    if (found === undefined || piece.set?.(parts, found) !== true) return unfit(text, layout, at);
    at += found.length;
  }
  return at === text.length ? timeOf(parts, zone, text) : unfit(text, layout, at);
}

function unfit(text: string, layout: string, at: number): Failure {
  return evaluationFailure(
    `${JSON.stringify(text.slice(0, 60))} does not fit ${JSON.stringify(layout)} from character ${at} on`,
  );
}

function timeOf(parts: Parts, zone: string | undefined, text: string): Opaque | Failure {
  const { year, month, day, minute, second, ms, isAfternoon, offsetMs, unixMs } = parts;
  const hour = isAfternoon === undefined ? parts.hour : (parts.hour % 12) + (isAfternoon ? 12 : 0);
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  const isReal =
    date.getUTCMonth() === month &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!isReal) return evaluationFailure(`${JSON.stringify(text.slice(0, 60))} is not a real time`);
  const local = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000 + ms;
  const utc = unixMs ?? (offsetMs === undefined ? utcOf(local, zone) : local - offsetMs);
  if (utc instanceof Failure) return utc;
  return timestampOf(utc) ?? evaluationFailure("the time is outside the years 1 to 9999");
}

const UNITS_MS: { readonly [unit: string]: number } = {
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
  week: DAY_MS,
  month: DAY_MS,
  year: DAY_MS,
};

function unitProblem(unit: string): string | undefined {
  return Object.hasOwn(UNITS_MS, unit)
    ? undefined
    : `there is no unit ${JSON.stringify(unit.slice(0, 60))}; there are ${Object.keys(UNITS_MS).join(", ")}`;
}

/** Weeks begin on Monday (ISO 8601). */
function startOf(
  [time, unit, zone]: readonly [Opaque, string, string?],
  frame: Frame,
): Opaque | Failure {
  const problem = unitProblem(unit);
  if (problem !== undefined) return evaluationFailure(problem);
  const date = step(frame, 3 * ZONE_STEPS) ?? localTime(time.ms, zone);
  if (date instanceof Failure) return date;
  const sizeMs = UNITS_MS[unit] ?? DAY_MS;
  const start = new Date(Math.floor(date.getTime() / sizeMs) * sizeMs);
  if (unit === "week") start.setUTCDate(start.getUTCDate() - ((start.getUTCDay() + 6) % 7));
  if (unit === "month") start.setUTCDate(1);
  if (unit === "year") start.setUTCMonth(0, 1);
  // A minute or an hour is found by going back: where the clocks change, its local time may be there twice.
  const utc =
    sizeMs < DAY_MS ? time.ms - (date.getTime() - start.getTime()) : utcOf(start.getTime(), zone);
  if (utc instanceof Failure) return utc;
  return timestampOf(utc) ?? evaluationFailure("the time is outside the years 1 to 9999");
}

export const CLOCK_FUNCTIONS: Functions = {
  "time.format": define<readonly [Opaque, string, string?]>({
    style: "call",
    takes: [TIME, TEXT, TEXT],
    needs: 2,
    does: "the time by a layout of strftime, on the clock of a zone or of UTC: `%Y %m %d %H %M %S %L %b %B %a %A %I %p %z %:z %j %u %V %s %F %T %%`",
    example:
      "time.format(timestamp('2026-01-31T09:30:00Z'), '%a %d %b %Y, %H:%M %:z', 'Europe/Berlin') == 'Sat 31 Jan 2026, 10:30 +01:00'",
    gives: STRING,
    checkText,
    apply: format,
  }),
  "time.parse": define<readonly [string, string, string?]>({
    style: "call",
    takes: [TEXT, TEXT, TEXT],
    needs: 2,
    does: "the time that a text spells by a layout, on the clock of a zone or of UTC unless it has `%z`",
    example:
      "time.parse('31/01/2026 10:30', '%d/%m/%Y %H:%M', 'Europe/Berlin') == timestamp('2026-01-31T09:30:00Z')",
    gives: TIMESTAMP,
    checkText,
    apply: parse,
  }),
  "time.startOf": define<readonly [Opaque, string, string?]>({
    style: "call",
    takes: [TIME, TEXT, TEXT],
    needs: 2,
    does: "when the `minute`, `hour`, `day`, `week` (from Monday), `month` or `year` of a time began, on the clock of a zone or of UTC",
    example:
      "time.startOf(timestamp('2026-01-31T09:30:00Z'), 'day', 'Europe/Berlin') == timestamp('2026-01-30T23:00:00Z')",
    gives: TIMESTAMP,
    checkText: (index, text) =>
      index === 1 ? unitProblem(text) : index === 2 ? zoneProblem(text) : undefined,
    apply: startOf,
  }),
};
