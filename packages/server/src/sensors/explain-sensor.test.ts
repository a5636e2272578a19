import type { Sensor } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import { type ExplainedSensor, explainSensor } from "./explain-sensor.ts";

const SENSOR: Sensor = {
  ref: "p.s",
  pack: "p",
  declared: true,
  description: null,
  status: "running",
  reason: "rule p.r listens to it",
  paused_by: null,
  events: ["p.hot", "p.beat"],
  worker: "w",
  pid: 7,
  started_at: "2026-01-01T00:00:00.000Z",
  failures: 0,
  last_exit: null,
  next_start_at: null,
  stored: 2,
  refused: 0,
  last_event_at: "2026-01-01T00:00:01.000Z",
  cursor: null,
};
const explained = (sensor: Partial<Sensor>, more: Partial<ExplainedSensor> = {}) =>
  explainSensor({
    sensor: { ...SENSOR, ...sensor },
    demand: { listened: ["p.hot"], rules: ["p.r"], idle: [] },
    workers: 1,
    ...more,
  });

it("one that runs is said to, and why, with nothing to be done", () => {
  expect(explained({})).toEqual({
    ref: "p.s",
    status: "running",
    summary: "The sensor p.s runs (pid 7): rule p.r listens to it.",
    chain: [
      "The pack p declares it; it sends p.hot, p.beat.",
      "p.r listens to p.hot.",
      "The worker with the session w has it.",
      "It has sent 2 events, the last at 2026-01-01T00:00:01.000Z; 0 lines of it were no events.",
    ],
    unblock: [],
  });
});

it("one that is not wanted says what would make it run", () => {
  const stopped = { status: "stopped", worker: null, pid: null } as const;
  const nobody = { listened: [], rules: [], idle: [] };
  expect(explained(stopped, { demand: nobody }).unblock).toEqual([
    "Write a rule on one of its events: on: p.hot.",
  ]);
  expect(explained(stopped, { demand: { ...nobody, idle: ["p.r"] } }).unblock).toEqual([
    "yard rules resume p.r",
  ]);
  expect(explained({ ...stopped, paused_by: "token:me" }).unblock).toEqual([
    "yard sensors resume p.s",
  ]);
  const gone = explained({ ...stopped, declared: false }, { demand: undefined });
  expect(gone.chain[0]).toMatch(/^No active pack declares it any more/);
  expect(gone.unblock).toEqual([
    "Put its file back into the folder sensors of its pack.",
    "yard sensors forget p.s removes what is kept of it.",
  ]);
});

it("one that is being stopped is said to, whatever follows", () => {
  expect(explained({ status: "stopping", reason: "a new one is started then" }).summary).toBe(
    "The sensor p.s stops: a new one is started then.",
  );
});

it("one that waits for a worker, or rests after failures, says so", () => {
  const waits = explained({ status: "starting", worker: null }, { workers: 0 });
  expect(waits.summary).toBe("The sensor p.s is to run, and no worker lives.");
  expect(waits.unblock).toEqual(["Start a worker: yard start --roles worker."]);
  const rests = explained({
    status: "backoff",
    failures: 3,
    last_exit: { code: 1, signal: null, at: "2026-01-01T00:00:02.000Z", stderr: "a\nno luck\n" },
  });
  expect(rests.chain).toContain("It has ended by itself 3 times in a row.");
  expect(rests.chain).toContain(
    "It last ended by itself at 2026-01-01T00:00:02.000Z, with code 1: no luck.",
  );
  expect(rests.unblock).toEqual([
    "yard sensors restart p.s starts it at once.",
    "yard sensors logs p.s shows what it says.",
  ]);
});
