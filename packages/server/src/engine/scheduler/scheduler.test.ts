import { AppError } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import type { AttemptRow } from "../attempt-row.ts";
import type { RecoveryStore } from "./recovery.store.ts";
import { createRecovery } from "./recovery.ts";
import type { Outlook, SchedulerStore } from "./scheduler.store.ts";
import { createScheduler } from "./scheduler.ts";
import { createSetAside } from "./set-aside.ts";
import { createTellRuns } from "./tell-runs.ts";
import { processTimers } from "./timers.ts";

const DUE: AttemptRow[] = ["a", "b"].map((runId) => ({ runId, slot: "nap", number: 1 }));
const NOTHING = { ready: false, lost: false, stopped: false, asked: false, children: false };
const OUTLOOK: Outlook = {
  ...{ dueInMs: -5, ...NOTHING, expired: false, neighbours: [], others: 0, otherBuilds: false },
};

function setup(failure?: Error, { otherBuilds: isBeside = false, lost = false, left = 0 } = {}) {
  let otherBuilds = isBeside;
  const passedBy: (readonly string[])[] = [];
  const putOff: string[] = [];
  const asked = { readyResumed: 0 };
  let nowMs = 100_000;
  const store = {
    readOutlook: async () => ({ ...OUTLOOK, otherBuilds, lost, ...(lost && { dueInMs: null }) }),
    readyDelayed: async () => 0,
    dueTimers: async () => DUE,
    lostLeases: async (_limit: number, without: readonly string[]) => {
      passedBy.push(without);
      return DUE.map((row) => ({ ...row, sessionId: "z", host: "far", leasedAt: "" }));
    },
    lostInstants: async () => [],
    sweepSessions: async () => {},
    readyResumed: async () => {
      asked.readyResumed += 1;
      return left;
    },
    putOffTimers: async (rows: readonly AttemptRow[]) => {
      putOff.push(...rows.map(({ runId }) => runId));
    },
  } as unknown as SchedulerStore;
  const nothing = (): void => {};
  const scheduler = createScheduler({
    ...{ store, timers: processTimers, host: "h", sessionId: () => "s", mayJudge: () => true },
    ...{ isAlive: () => true, killOrphans: async () => 0, openInstants: async () => [] },
    ...{ sweepChildren: async () => {}, endAsked: async () => {}, onReady: nothing },
    ...{ onOthers: nothing, onRecovered: nothing, onError: nothing, random: () => 0 },
    now: () => 0,
    monotonicMs: () => nowMs,
    canceledEvent: () => ({ type: "timer_due", slot: "", number: 0, at: 0 }),
    post: async (runId) => {
      if (runId === "a" && failure !== undefined) throw failure;
      return "applied";
    },
  });
  const later = (): void => {
    nowMs += 61_000;
  };
  const beside = (older: boolean): void => {
    otherBuilds = older;
  };
  return { scheduler, putOff, asked, passedBy, later, beside };
}

it("looks again at once after due timers, as more may be due", async () => {
  const { scheduler, putOff } = setup();
  expect(await scheduler.runOnce()).toBe(0);
  expect(putOff).toEqual([]);
});

it("does not ask again and again for timers that a run could not be told of", async () => {
  const { scheduler, putOff } = setup(new Error("no"));
  expect(await scheduler.runOnce()).toBeGreaterThan(1_000);
  expect(putOff).toEqual([]);
});

it("puts off those of a run whose definition is not there, so that they do not stand before others", async () => {
  const { scheduler, putOff } = setup(new AppError("definition_missing", "gone"));
  expect(await scheduler.runOnce()).toBeGreaterThan(1_000);
  expect(putOff).toEqual(["a"]);
});

it("leaves the lost attempts of a run that could not be told to others for a while: they would stand before all", async () => {
  const failure = new AppError("definition_missing", "gone");
  const { scheduler, passedBy, later } = setup(failure, { lost: true });
  await scheduler.runOnce();
  await scheduler.runOnce();
  later();
  await scheduler.runOnce();
  expect(passedBy).toEqual([[], ["a"], []]);
});

it("takes an ended session's mark off a run only when that has been told of its lost instant attempts", async () => {
  const told: string[] = [];
  const cleared: string[] = [];
  const store = {
    lostInstants: async () => ["a", "b"].map((runId) => ({ runId, sessionId: "z" })),
    lostLeases: async () => [],
    clearInstants: async ({ runId }: { runId: string }) => void cleared.push(runId),
  } as unknown as RecoveryStore;
  const untold = createSetAside(() => 0);
  const nothing = (): void => {};
  const post = async (runId: string) => {
    if (runId === "a") throw new AppError("unavailable", "too much waits already");
    told.push(runId);
    return "applied" as const;
  };
  const recovery = createRecovery({
    ...{
      store,
      untold,
      host: "h",
      sessionId: () => "s",
      mayJudge: () => true,
      isAlive: () => true,
    },
    ...{ killOrphans: async () => 0, openInstants: async () => [{ slot: "now", number: 1 }] },
    tellRuns: createTellRuns({ post, onError: nothing, untold }),
    ...{ onRecovered: nothing, onError: nothing, now: () => 0, random: () => 0 },
  });
  await recovery.recover();
  expect({ told, cleared, untold: untold.ids() }).toEqual({
    ...{ told: ["b"], cleared: ["b"], untold: ["a"] },
  });
});

it("asks once more for what an older build left waiting that was gone before the minute was over", async () => {
  const { scheduler, asked, later, beside } = setup();
  await scheduler.runOnce();
  beside(true);
  await scheduler.runOnce();
  beside(false);
  later();
  await scheduler.runOnce();
  expect(asked.readyResumed).toBe(2);
});

it.each([
  ["once where no process of another version lives", false, 0, 1],
  ["each minute while a whole batch was left", false, 1_000, 2],
  ["each minute beside another version", true, 0, 2],
])(
  "asks for what an older build left waiting of a resumed run %s",
  async (_, otherBuilds, left, times) => {
    const { scheduler, asked, later } = setup(undefined, { otherBuilds, left });
    await scheduler.runOnce();
    await scheduler.runOnce();
    later();
    await scheduler.runOnce();
    expect(asked.readyResumed).toBe(times);
  },
);
