import { describe, expect, it } from "vitest";
import { between, cronOf, nextOnes, scheduleOf } from "./schedule.fixture.ts";

const NEW_YORK = "America/New_York";

describe("the golden table of zones", () => {
  it("keeps 08:00 of Mondays in Chisinau when the clocks change", () => {
    const monday = cronOf("0 8 * * MON", "Europe/Chisinau");
    expect(between(monday, "2026-03-16T00:00:00Z", "2026-04-07T00:00:00Z")).toEqual([
      "2026-03-16T06:00:00Z",
      "2026-03-23T06:00:00Z",
      "2026-03-30T05:00:00Z",
      "2026-04-06T05:00:00Z",
    ]);
  });

  it("shifts 02:30 that is skipped by the length of the gap, or skips it", () => {
    const day = ["2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"] as const;
    expect(between(cronOf("30 2 * * *", NEW_YORK), ...day)).toEqual(["2026-03-08T07:30:00Z"]);
    expect(between(cronOf("30 2 * * *", NEW_YORK, { dstGap: "skip" }), ...day)).toEqual([]);
  });

  it("fires at 01:30 that comes twice the first time, the second, or both", () => {
    const day = ["2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"] as const;
    const at = (dstOverlap: "first" | "second" | "both"): string[] =>
      between(cronOf("30 1 * * *", NEW_YORK, { dstOverlap }), ...day);
    expect(at("first")).toEqual(["2026-11-01T05:30:00Z"]);
    expect(at("second")).toEqual(["2026-11-01T06:30:00Z"]);
    expect(at("both")).toEqual(["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"]);
  });

  it("fires 23 and 25 times on the days of the change where every hour matches", () => {
    const hourly = cronOf("0 * * * *", NEW_YORK);
    expect(between(hourly, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")).toHaveLength(23);
    expect(between(hourly, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")).toHaveLength(25);
  });

  it("shifts by half an hour on Lord Howe Island", () => {
    const daily = cronOf("15 2 * * *", "Australia/Lord_Howe");
    expect(between(daily, "2026-10-03T14:00:00Z", "2026-10-04T10:00:00Z")).toEqual([
      "2026-10-03T15:45:00Z",
    ]);
  });

  it("makes one of two times that meet in one instant", () => {
    const both = cronOf("30 2,3 * * *", NEW_YORK);
    expect(between(both, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")).toEqual([
      "2026-03-08T07:30:00Z",
    ]);
  });

  it("has every other week the same weeks, whatever day it is asked", () => {
    const biweekly = scheduleOf({
      kind: "rrule",
      expr: "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
      dtstart: "2026-01-06T09:00:00Z",
    });
    const whole = between(biweekly, "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z");
    expect(whole.slice(0, 4)).toEqual([
      "2026-01-06T09:00:00Z",
      "2026-01-08T09:00:00Z",
      "2026-01-20T09:00:00Z",
      "2026-01-22T09:00:00Z",
    ]);
    for (let day = 0; day < 60; day++) {
      const from = new Date(Date.parse("2026-01-06T12:00:00Z") + day * 86_400_000).toISOString();
      expect(nextOnes(biweekly, from, 1)).toEqual(whole.filter((one) => one >= from).slice(0, 1));
    }
  });

  it("fires on the wall clock of a zone that left out a whole day", () => {
    const daily = cronOf("0 12 * * *", "Pacific/Apia");
    expect(between(daily, "2011-12-29T00:00:00Z", "2012-01-01T00:00:00Z")).toEqual([
      "2011-12-29T22:00:00Z",
      "2011-12-30T22:00:00Z",
      "2011-12-31T22:00:00Z",
    ]);
  });
});
