import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { MARK } from "./environment.ts";
import { isRunning } from "./testing/work.fixture.ts";
import { createWork } from "./work.ts";

test("what a run of the node that died has left is killed and removed by the next", async () => {
  const root = mkdtempSync(join(tmpdir(), "yard-take-over-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const left = join(root, "run/0123456789abcdef");
  mkdirSync(join(left, "jobs/some/work"), { recursive: true });
  writeFileSync(join(left, "jobs/some/work/f"), "x");
  const mark = (value: string) => ({ ...process.env, [MARK.node]: value });
  const orphan = spawn("sleep", ["999"], { detached: true, env: mark("0123456789abcdef") });
  const stranger = spawn("sleep", ["999"], { detached: true, env: mark("another") });
  onTestFinished(() => void stranger.kill("SIGKILL"));
  await Promise.all([once(orphan, "spawn"), once(stranger, "spawn")]);
  const logged: string[] = [];
  const work = createWork(
    {
      now: Date.now,
      audit() {},
      log: (_, message) => void logged.push(message),
      refusalOf: () => undefined,
    },
    {
      allowedPaths: [],
      slots: 1,
      orphans: "kill",
      allow: { exec: true, read: true, write: true, jobs: true },
      labels: {},
      stateFolder: root,
    },
  );
  onTestFinished(() => work.killAll());
  await vi.waitFor(() => expect(existsSync(left)).toBe(false));
  expect(isRunning(orphan.pid ?? 0)).toBe(false);
  expect(isRunning(stranger.pid ?? 0)).toBe(true);
  expect(logged).toEqual([expect.stringMatching(/an earlier run .* killed: 1$/)]);
});
