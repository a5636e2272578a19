import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cronMinutes, recurTimes } from "./oracle.fixture.ts";
import { parseRecur } from "./rrule/parse-rrule.ts";
import { recurDays } from "./rrule/recur-days.ts";
import { cronOf, occurrences, scheduleOf } from "./schedule.fixture.ts";

const DAY = 86_400_000;
const FROM = Date.parse("2026-01-01T00:00:00Z");

function field(min: number, max: number): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  const range = fc.tuple(value, value).map((pair) => pair.toSorted((a, b) => a - b).join("-"));
  const step = fc.tuple(fc.constantFrom("*"), fc.integer({ min: 1, max: max - min }));
  const item = fc.oneof(
    value.map(String),
    range,
    step.map(([all, by]) => `${all}/${by}`),
  );
  return fc.oneof(
    fc.constant("*"),
    item,
    fc.array(item, { minLength: 2, maxLength: 3 }).map(String),
  );
}

const cronText = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
  .map((fields) => fields.map((one) => (one === "*/1" ? "*" : one)).join(" "));

function someOf(values: readonly (string | number)[]): fc.Arbitrary<string> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }).map(String);
}

/** Parts that go with each frequency; each may be left out. */
const recurText = fc.constantFrom("YEARLY", "MONTHLY", "WEEKLY", "DAILY").chain((freq) => {
  const ordinals = freq === "MONTHLY" ? ["1MO", "-1FR", "2TU", "5WE", "-5SU"] : [];
  const parts: { [name: string]: fc.Arbitrary<string> } = {
    INTERVAL: fc.integer({ min: 1, max: 5 }).map(String),
    BYMONTH: someOf([1, 2, 3, 6, 11, 12]),
    BYDAY: someOf(["MO", "WE", "SA", "SU", ...ordinals]),
    BYHOUR: someOf([0, 9, 23]),
    BYMINUTE: someOf([0, 30, 59]),
    WKST: fc.constantFrom("MO", "SU", "WE"),
    ...(freq === "WEEKLY" ? {} : { BYMONTHDAY: someOf([1, 15, 29, 30, 31, -1, -30]) }),
    ...(freq === "YEARLY" ? { BYYEARDAY: someOf([1, 60, 200, 366, -1, -366]) } : {}),
    BYSETPOS: someOf([1, 2, -1, -3]),
  };
  return fc.record(parts, { requiredKeys: [] }).map((given) => {
    const said = Object.entries(given).map(([name, value]) => `${name}=${value}`);
    const picks = said.some((part) => /^BY(?!SETPOS)/.test(part));
    return [`FREQ=${freq}`, ...said.filter((part) => picks || !part.startsWith("BYSETPOS"))].join(
      ";",
    );
  });
});

describe("schedules, against the slow way", () => {
  it("has of any cron expression each minute that matches, and no other", () => {
    fc.assert(
      fc.property(cronText, fc.integer({ min: 0, max: 300 }), (expr, day) => {
        const from = FROM + day * DAY;
        const until = from + 4 * DAY;
        const wanted = cronMinutes(expr, from, until);
        const schedule = cronOf(expr);
        let at = from - 1;
        for (const one of wanted.slice(0, 300)) {
          at = schedule.next(at) ?? Number.NaN;
          expect(at).toBe(one);
        }
        if (wanted.length <= 300) expect(schedule.next(at) ?? until).toBeGreaterThanOrEqual(until);
      }),
      { numRuns: 80 },
    );
  });

  it("has of any recurrence rule each time that it names, from wherever it is asked", () => {
    const start = Date.parse("2024-01-31T08:15:00Z");
    const until = start + 5 * 366 * DAY;
    fc.assert(
      fc.property(recurText, fc.integer({ min: 0, max: 1_800 }), (text, day) => {
        const recur = parseRecur(text);
        const wanted = recurTimes(recur, start, until).filter((at) => at >= start + day * DAY);
        const rule = recurDays(recur, start);
        let at = start + day * DAY;
        for (const one of wanted.slice(0, 100)) {
          const found = rule.next(at, until);
          expect([text, found]).toEqual([text, one]);
          at = one + 1;
        }
        if (wanted.length <= 100) expect(rule.next(at, until)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe("every zone", () => {
  /** A zone for each way of changing the clocks would do, but which these are is what is tested. */
  const zones = Intl.supportedValuesOf("timeZone").filter((_, i) => i % 16 === 0);

  it("fires a daily task once a day through ten years", () => {
    for (const timezone of zones) {
      const daily = cronOf("30 2 * * *", timezone);
      const clock = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" });
      const days = new Set<string>();
      let fires = 0;
      for (const at of occurrences(daily, FROM)) {
        if (at >= FROM + 3_652 * DAY) break;
        days.add(clock.format(at));
        fires++;
      }
      expect([timezone, days.size]).toEqual([timezone, fires]);
      expect(fires).toBeGreaterThanOrEqual(3_651);
      expect(fires).toBeLessThanOrEqual(3_653);
    }
  });

  it("goes by real hours where a rule steps by hours, whatever the clocks do", () => {
    for (const timezone of zones.filter((_, i) => i % 5 === 0)) {
      const expr = "FREQ=HOURLY;INTERVAL=5";
      const rule = scheduleOf({ kind: "rrule", expr, timezone, dtstart: "2026-01-01T00:00:00Z" });
      let at = FROM - 1;
      for (let i = 0; i < 4_000; i++) {
        at = rule.next(at) ?? Number.NaN;
        expect(at).toBe(FROM + i * 5 * 3_600_000);
      }
    }
  });
});
