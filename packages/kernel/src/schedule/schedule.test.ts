import { describe, expect, it } from "vitest";
import { between, cronOf, flawsOf, type Given, nextOnes, scheduleOf } from "./schedule.fixture.ts";
import type { ScheduleText } from "./schedule.types.ts";

const YEAR = ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"] as const;

describe("cron", () => {
  const first = (expr: string, count = 3): string[] =>
    nextOnes(cronOf(expr), "2026-01-01T00:00:00Z", count);

  it.each([
    ["30 8 * * MON-FRI", ["2026-01-01T08:30:00Z", "2026-01-02T08:30:00Z", "2026-01-05T08:30:00Z"]],
    ["15 0 8 * * *", ["2026-01-01T08:00:15Z", "2026-01-02T08:00:15Z", "2026-01-03T08:00:15Z"]],
    ["*/20 9,10 1 jan *", ["2026-01-01T09:00:00Z", "2026-01-01T09:20:00Z", "2026-01-01T09:40:00Z"]],
    ["0 0 * * 7", ["2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z", "2026-01-18T00:00:00Z"]],
    ["0 0 * * FRI-SUN", ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z"]],
    ["0 0 13 * 5", ["2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z"]],
    ["0 0 ? * 1", ["2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z"]],
    ["0 0 L * *", ["2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"]],
    ["0 0 L-1 * *", ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-30T00:00:00Z"]],
    ["0 0 1W * *", ["2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z", "2026-03-02T00:00:00Z"]],
    ["0 0 31W * *", ["2026-01-30T00:00:00Z", "2026-03-31T00:00:00Z", "2026-05-29T00:00:00Z"]],
    ["0 0 LW * *", ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-31T00:00:00Z"]],
    ["0 0 * * 5L", ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-27T00:00:00Z"]],
    ["0 0 * * FRI#2", ["2026-01-09T00:00:00Z", "2026-02-13T00:00:00Z", "2026-03-13T00:00:00Z"]],
    ["0 0 29 2 *", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z", "2036-02-29T00:00:00Z"]],
    ["0 0 31 * *", ["2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"]],
    ["@yearly", ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]],
    ["@monthly", ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"]],
    ["@weekly", ["2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z", "2026-01-18T00:00:00Z"]],
    ["@daily", ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]],
    ["@hourly", ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"]],
    ["59 23 31 12 *", ["2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z", "2028-12-31T23:59:00Z"]],
  ])("%s", (expr, wanted) => {
    expect(first(expr)).toEqual(wanted);
  });

  it("has each second that matches", () => {
    expect(first("*/10 * * * * *", 2)).toEqual(["2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z"]);
    expect(first("7,8 59 23 * * *", 2)).toEqual(["2026-01-01T23:59:07Z", "2026-01-01T23:59:08Z"]);
  });
});

describe("a recurrence rule", () => {
  const rule = (expr: string, more: Partial<Given> = {}) =>
    scheduleOf({ kind: "rrule", expr, dtstart: "2026-01-01T09:00:00Z", ...more });

  it("ends with its COUNT, counted from its beginning wherever it is asked", () => {
    const three = rule("FREQ=DAILY;COUNT=3");
    expect(between(three, ...YEAR)).toEqual([
      "2026-01-01T09:00:00Z",
      "2026-01-02T09:00:00Z",
      "2026-01-03T09:00:00Z",
    ]);
    expect(three.next(Date.parse("2026-01-03T09:00:00Z"))).toBeUndefined();
  });

  it("does not count what a change of the clocks leaves out", () => {
    const expr = "FREQ=DAILY;COUNT=3;BYHOUR=2;BYMINUTE=30;BYSECOND=0";
    const timezone = "America/New_York";
    const dtstart = "2026-03-07T00:00:00";
    expect(between(rule(expr, { timezone, dtstart, dstGap: "skip" }), ...YEAR)).toEqual([
      "2026-03-07T07:30:00Z",
      "2026-03-09T06:30:00Z",
      "2026-03-10T06:30:00Z",
    ]);
    expect(between(rule(expr, { timezone, dtstart }), ...YEAR).at(-1)).toBe("2026-03-09T06:30:00Z");
  });

  it("ends with UNTIL in UTC, as the clock shows it, and with the end of a day", () => {
    const until = (text: string): string[] =>
      between(
        rule(`FREQ=DAILY;UNTIL=${text}`, {
          timezone: "Europe/Berlin",
          dtstart: "2026-06-01T00:30:00",
        }),
        ...YEAR,
      );
    expect(until("20260602T223000Z")).toHaveLength(3);
    expect(until("20260602T222959Z")).toHaveLength(2);
    expect(until("20260602T003000")).toHaveLength(2);
    expect(until("20260602")).toHaveLength(2);
  });

  it("takes DTSTART, EXDATE and RDATE as lines", () => {
    const text = [
      "DTSTART;TZID=Europe/Berlin:20260301T083000",
      "RRULE:FREQ=DAILY;COUNT=4",
      "EXDATE:20260302T073000Z",
      "EXDATE;VALUE=DATE:20260303",
      "RDATE:20260310T120000Z",
    ].join("\n");
    const series = scheduleOf({ kind: "rrule", expr: text, timezone: "Europe/Berlin" });
    expect(between(series, ...YEAR)).toEqual([
      "2026-03-01T07:30:00Z",
      "2026-03-04T07:30:00Z",
      "2026-03-10T12:00:00Z",
    ]);
    expect(new Date(series.dtstart).toISOString()).toBe("2026-03-01T07:30:00.000Z");
  });

  it.each([
    ["FREQ=MONTHLY;BYDAY=-1FR", ["2026-01-30T09:00:00Z", "2026-02-27T09:00:00Z"]],
    ["FREQ=MONTHLY;INTERVAL=3", ["2026-01-01T09:00:00Z", "2026-04-01T09:00:00Z"]],
    [
      "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
      ["2026-01-30T09:00:00Z", "2026-02-27T09:00:00Z"],
    ],
    ["FREQ=MONTHLY;BYDAY=5SA", ["2026-01-31T09:00:00Z", "2026-05-30T09:00:00Z"]],
    ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29T09:00:00Z", "2032-02-29T09:00:00Z"]],
    ["FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", ["2026-05-11T09:00:00Z", "2027-05-17T09:00:00Z"]],
    ["FREQ=YEARLY;BYDAY=20MO", ["2026-05-18T09:00:00Z", "2027-05-17T09:00:00Z"]],
    ["FREQ=HOURLY;BYMINUTE=15,45", ["2026-01-01T09:15:00Z", "2026-01-01T09:45:00Z"]],
    ["FREQ=MINUTELY;INTERVAL=20;BYHOUR=9", ["2026-01-01T09:00:00Z", "2026-01-01T09:20:00Z"]],
    ["FREQ=SECONDLY;INTERVAL=45", ["2026-01-01T09:00:00Z", "2026-01-01T09:00:45Z"]],
    [
      "FREQ=SECONDLY;BYMONTH=3;BYMINUTE=7;BYSECOND=5",
      ["2026-03-01T00:07:05Z", "2026-03-01T01:07:05Z"],
    ],
    [
      "RRULE:FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0;BYSECOND=0",
      ["2026-01-01T20:00:00Z", "2026-01-02T08:00:00Z"],
    ],
  ])("%s", (expr, wanted) => {
    expect(nextOnes(rule(expr), "2026-01-01T00:00:00Z", 2)).toEqual(wanted);
  });
});

describe("intervals and single times", () => {
  it("goes by elapsed time from its beginning, without drift", () => {
    const every = scheduleOf({
      ...{ kind: "interval", expr: "PT15M", timezone: "Europe/Berlin" },
      dtstart: "2026-03-29T01:50:00",
    });
    expect(nextOnes(every, "2026-03-29T00:52:00Z", 3)).toEqual([
      "2026-03-29T01:05:00Z",
      "2026-03-29T01:20:00Z",
      "2026-03-29T01:35:00Z",
    ]);
  });

  it("happens once, at a time of the zone or of UTC", () => {
    const once = (expr: string) => scheduleOf({ kind: "once", expr, timezone: "Europe/Berlin" });
    expect(nextOnes(once("2026-07-01T08:00"), YEAR[0], 2)).toEqual(["2026-07-01T06:00:00Z"]);
    expect(nextOnes(once("2026-07-01T08:00:00Z"), YEAR[0], 2)).toEqual(["2026-07-01T08:00:00Z"]);
    expect(nextOnes(once("2026-07-01T08:00-04:00"), YEAR[0], 2)).toEqual(["2026-07-01T12:00:00Z"]);
  });

  it("never happens behind ends_at, and not at all where it is started by hand", () => {
    const ends = cronOf("@daily", "UTC", { endsAt: "2026-01-03" });
    expect(between(ends, ...YEAR)).toHaveLength(3);
    expect(scheduleOf({ kind: "manual", expr: "" }).next(0)).toBeUndefined();
  });
});

describe("what is refused", () => {
  it.each([
    ["cron", "", "five fields"],
    ["cron", "* * * *", "not 4"],
    ["cron", "* * * * * * 2026", "not 7"],
    ["cron", "60 * * * *", "minute: 60 is out of range, which is 0 to 59"],
    ["cron", "* 24 * * *", "hour: 24"],
    ["cron", "* * 0 * *", "day of month: 0"],
    ["cron", "* * * 13 *", "month: 13"],
    ["cron", "* * * * 8", "weekday: 8"],
    ["cron", "* * * FOO *", 'month: "FOO" cannot be read'],
    ["cron", "*/0 * * * *", "a step is 1 to 60"],
    ["cron", "*/90 * * * *", "a step is 1 to 60"],
    ["cron", "1,,2 * * * *", "a comma has nothing beside it"],
    ["cron", "30-10 * * * *", "runs backwards"],
    ["cron", "1-2-3 * * * *", "cannot be read"],
    ["cron", "* * * * 5#6", "1 to 5"],
    ["cron", "* * * * L", "L alone"],
    ["cron", "? * * * *", "? stands for a day"],
    ["cron", "@reboot", "there is no @reboot"],
    ["cron", "0 0 31 2 *", "never happens"],
    ["cron", "0 0 30 2 ?", "never happens"],
    ["cron", "every day", "five fields"],
    ["rrule", "", "there is no rule"],
    ["rrule", "BYDAY=MO", "FREQ is missing"],
    ["rrule", "FREQ=FORTNIGHTLY", "FREQ=FORTNIGHTLY is none"],
    ["rrule", "FREQ=DAILY;INTERVAL=0", "INTERVAL"],
    ["rrule", "FREQ=DAILY;COUNT=2;UNTIL=20270101", "exclude"],
    ["rrule", "FREQ=DAILY;COUNT=2;COUNT=3", "twice"],
    ["rrule", "FREQ=DAILY;UNTIL=20260230", "is no time"],
    ["rrule", "FREQ=WEEKLY;BYDAY=XX", "is no day"],
    ["rrule", "FREQ=WEEKLY;BYDAY=1MO", "does not go with FREQ=WEEKLY"],
    ["rrule", "FREQ=MONTHLY;BYDAY=6MO", "a month has no 6"],
    ["rrule", "FREQ=YEARLY;BYDAY=54MO", "is no day"],
    ["rrule", "FREQ=DAILY;BYHOUR=24", "BYHOUR"],
    ["rrule", "FREQ=DAILY;BYSETPOS=1", "BYSETPOS"],
    ["rrule", "FREQ=DAILY;FOO=1", "no part of a recurrence rule"],
    ["rrule", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never happens"],
    ["rrule", "FREQ=DAILY;UNTIL=20200101", "never happens"],
    ["rrule", "DTSTART;TZID=Mars/Base:20260101T000000\nFREQ=DAILY", "no time zone"],
    ["once", "tomorrow", "is no time"],
    ["once", "2026-02-30T10:00:00Z", "is no time"],
    ["once", "2026-13-01", "is no time"],
    ["interval", "soon", "no length of time"],
    ["interval", "0s", "whole seconds"],
    ["interval", "500ms", "whole seconds"],
    ["interval", "P1M", "no length of time"],
    ["manual", "* * * * *", "no expression"],
  ] as const)("%s %s", (kind, expr, message) => {
    const [flaw, ...more] = flawsOf({ kind, expr });
    expect(flaw?.field).toBe("expr");
    expect(flaw?.message).toContain(message);
    expect(more).toEqual([]);
  });

  it.each(["Mars/Base", "", "Europe/Berlin ", "+02:00", "CEST2", "../etc"])(
    "the zone %j",
    (timezone) => {
      expect(flawsOf({ kind: "cron", expr: "@daily", timezone })).toMatchObject([
        { field: "timezone", hint: expect.stringContaining("Europe/Berlin") },
      ]);
    },
  );

  it.each(["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])(
    "but not the zone %s",
    (timezone) => {
      expect(flawsOf({ kind: "cron", expr: "@daily", timezone })).toEqual([]);
    },
  );

  it("an end before anything has happened", () => {
    const given = { kind: "cron", expr: "@daily", endsAt: "2025-06-01" } as const;
    expect(flawsOf(given)).toMatchObject([
      { field: "endsAt", message: "nothing happens before it" },
    ]);
  });

  it("a dtstart or ends_at that is no time, each by its name", () => {
    const given = { kind: "cron", expr: "@daily", dtstart: "x", endsAt: "y" } as const;
    expect(flawsOf(given).map(({ field }) => field)).toEqual(["dtstart", "endsAt"]);
  });
});

describe("what is warned of", () => {
  it.each([
    ["cron", "0 0 31 * *", "not every month has the day 31"],
    ["cron", "0 0 29 2 *", "leap years"],
    ["cron", "0 0 * * 1#5", "fifth"],
    ["cron", "*/5 * * * * *", "every 5 s"],
    ["rrule", "FREQ=MONTHLY;BYMONTHDAY=30", "not every month has the day 30"],
    ["rrule", "FREQ=MONTHLY;BYDAY=5MO", "fifth"],
    ["rrule", "FREQ=SECONDLY;INTERVAL=30", "every 30 s"],
    ["interval", "10s", "every 10 s"],
  ] as const)("%s %s", (kind, expr, message) => {
    expect(scheduleOf({ kind, expr }).warnings).toEqual([expect.stringContaining(message)]);
  });

  it("a time within a change of the clocks, with the day and what happens then", () => {
    expect(cronOf("30 2 * * *", "America/New_York").warnings).toEqual([
      "2026-03-08 02:30 is skipped by the clocks of America/New_York: it happens later, by the time that is skipped (dst_gap: shift)",
    ]);
    expect(cronOf("30 1 * * *", "America/New_York", { dstOverlap: "both" }).warnings).toEqual([
      "2026-11-01 01:30 comes twice in America/New_York: it happens both times (dst_overlap: both)",
    ]);
  });

  it("a time within a change only while the schedule lasts", () => {
    const at = (more: Partial<ScheduleText>) =>
      cronOf("30 2 * * *", "America/New_York", more).warnings;
    expect(at({ endsAt: "2026-03-01" })).toEqual([]);
    expect(at({ endsAt: "2026-03-09" })).toHaveLength(1);
    const rule = (end: string) =>
      scheduleOf({
        ...{ kind: "rrule", timezone: "America/New_York", dtstart: "2026-01-01T02:30" },
        expr: `FREQ=DAILY;${end}`,
      }).warnings;
    expect(rule("COUNT=5")).toEqual([]);
    expect(rule("UNTIL=20260301")).toEqual([]);
    expect(rule("COUNT=90")).toHaveLength(1);
  });

  it("a single time that the clocks leave out or show twice", () => {
    const once = { kind: "once", timezone: "America/New_York" } as const;
    const gap = { ...once, expr: "2026-03-08T02:30" };
    expect(scheduleOf(gap).warnings).toEqual([expect.stringContaining("dst_gap: shift")]);
    expect(flawsOf({ ...gap, dstGap: "skip" })[0]?.message).toContain("would never be due");
    const twice = { ...once, expr: "2026-11-01T01:30" };
    expect(scheduleOf(twice).warnings).toEqual([expect.stringContaining("dst_overlap: first")]);
    expect(flawsOf({ ...twice, dstOverlap: "both" })[0]?.message).toContain("not both");
    expect(scheduleOf({ ...once, expr: "2026-03-08T03:30" }).warnings).toEqual([]);
    expect(scheduleOf({ ...once, expr: "2026-03-08T02:30:00Z", dstGap: "skip" }).warnings).toEqual(
      [],
    );
  });

  it("a COUNT whose first time has passed when the series is made", () => {
    expect(scheduleOf({ kind: "rrule", expr: "FREQ=DAILY;COUNT=3" }).warnings).toEqual([
      expect.stringContaining("give dtstart"),
    ]);
    const dtstart = "2026-02-01";
    expect(scheduleOf({ kind: "rrule", expr: "FREQ=DAILY;COUNT=3", dtstart }).warnings).toEqual([]);
  });

  it("nothing where there is nothing", () => {
    expect(cronOf("0 8 * * MON-FRI", "Europe/Berlin").warnings).toEqual([]);
    expect(cronOf("* * * * *", "Europe/Berlin").warnings).toEqual([]);
  });
});
