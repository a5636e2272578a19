import type { MisfirePolicy } from "@yardmaster/kernel";
import { describe, expect, it } from "vitest";
import { type FirePlan, planFire } from "./plan-fire.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-03-01T00:00:00Z");
/** Every minute, from START on. */
const minutely = {
  next: (after: number) => START + Math.max(Math.floor((after - START) / MINUTE) + 1, 0) * MINUTE,
};

const at = (minutes: number): number => START + minutes * MINUTE;

function plan(policy: MisfirePolicy, downMinutes: number, limit = 100): Promise<FirePlan> {
  const due = {
    misfire_policy: policy,
    misfire_grace_ms: 90_000,
    catchup_limit: limit,
    snoozed_from: null,
    nextRun: START,
  };
  return planFire(due, minutely, at(downMinutes));
}

const HOUR = 60;
const MONTH = 30 * 24 * 60;

describe("a fire that is not later than the grace", () => {
  it.each(["run_once", "skip", "run_all"] as const)(
    "happens as it was due, with %s",
    async (policy) => {
      expect(await plan(policy, 1)).toEqual({
        ...{ kind: "due", scheduledFor: at(0), coalesced: 0, reason: "schedule", next: at(1) },
      });
    },
  );
});

describe("after downtime", () => {
  it.each([3, HOUR, MONTH])(
    "of %i minutes run_once makes one run for the latest, and counts the rest",
    async (down) => {
      expect(await plan("run_once", down)).toEqual({
        ...{ kind: "due", scheduledFor: at(down), coalesced: down, reason: "misfire" },
        next: at(down + 1),
      });
    },
  );

  it.each([3, HOUR, MONTH])(
    "of %i minutes skip counts those that were missed, and goes on with those that are not",
    async (down) => {
      expect(await plan("skip", down)).toEqual({
        ...{
          kind: "missed",
          from: at(0),
          until: at(down - 2),
          count: down - 1,
          next: at(down - 1),
        },
      });
    },
  );

  it("run_all makes up for each in its order", async () => {
    expect(await plan("run_all", HOUR)).toEqual({
      ...{ kind: "due", scheduledFor: at(0), coalesced: 0, reason: "catchup", next: at(1) },
    });
  });

  it("run_all leaves out, and counts, the oldest beyond its limit", async () => {
    // 59 are missed, of which 10 are made up for.
    expect(await plan("run_all", HOUR, 10)).toEqual({
      ...{ kind: "missed", from: at(0), until: at(48), count: 49, next: at(49) },
    });
  });

  it("a schedule that has ended meanwhile is due no more", async () => {
    const once = { next: (after: number) => (after < START ? START : undefined) };
    const due = { misfire_grace_ms: 0, catchup_limit: 1, snoozed_from: null, nextRun: START };
    expect(await planFire({ ...due, misfire_policy: "run_once" }, once, at(HOUR))).toMatchObject({
      ...{ kind: "due", scheduledFor: START, coalesced: 0, next: undefined },
    });
    expect(await planFire({ ...due, misfire_policy: "skip" }, once, at(HOUR))).toMatchObject({
      ...{ kind: "missed", count: 1, next: undefined },
    });
  });
});
