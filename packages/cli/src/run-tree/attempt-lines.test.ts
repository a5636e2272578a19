import type { Attempt, Step } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { attemptLines } from "./attempt-lines.ts";

const attempt = (number: number, more: Partial<Attempt> = {}): Attempt => ({
  ...{ number, status: "success", worker: "w1", started_at: null, finished_at: null, error: null },
  ...more,
});

test("tells of each attempt where it was and what was measured, of items too", () => {
  const facts = { duration_ms: 1_240, pid: 4711, exit_code: 0, stdout_bytes: 12, stderr_bytes: 0 };
  const killed = { duration_ms: 90, signal: "SIGKILL", stdout_cut: true, left_behind: 2 } as const;
  const steps = [
    { id: "a", items: null, attempts: [attempt(1, { status: "lost" }), attempt(2, { facts })] },
    {
      ...{ id: "each", attempts: [] },
      items: [
        {
          index: 3,
          attempts: [attempt(1, { node: "edge", facts: { ...killed, stdout_bytes: 9 } })],
        },
      ],
    },
  ];
  expect(attemptLines(steps as unknown as Step[])).toEqual([
    "a/1 lost, worker w1",
    "a/2 success, worker w1, 1.2s, pid 4711, exit code 0, 12 bytes of stdout, 0 bytes of stderr",
    "each#3/1 success, node edge, 90ms, SIGKILL, 9 bytes of stdout, not all kept, 2 left behind",
  ]);
});
