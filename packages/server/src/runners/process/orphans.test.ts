import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { isRunning } from "../attempt.fixture.ts";
import { killOrphansOfSession } from "./orphans.ts";

async function sleeper(session: string, script = "echo; exec sleep 30"): Promise<ChildProcess> {
  const env = { PATH: process.env["PATH"], YARD_SESSION: session };
  const stdio = ["ignore", "pipe", "ignore"] as const;
  const child = spawn("/bin/sh", ["-c", script], { env, detached: true, stdio: [...stdio] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout!, "data");
  return child;
}

test("all processes of a session are killed, wherever they have gone, and no others", async () => {
  const session = randomUUID();
  const mine = [await sleeper(session), await sleeper(session)];
  const alike = await sleeper(`${session}0`);
  expect(await killOrphansOfSession(session)).toBe(2);
  for (const child of mine) expect(isRunning(child.pid!)).toBe(false);
  expect(isRunning(alike.pid!)).toBe(true);
});

test("a process that forks on and on is ended too", async () => {
  const session = randomUUID();
  const forking = await sleeper(
    session,
    "sleep 30 & echo; while :; do sleep 30 & sleep 0.005; done",
  );
  expect(await killOrphansOfSession(session)).toBeGreaterThan(1);
  expect(isRunning(forking.pid!)).toBe(false);
  expect(await killOrphansOfSession(session)).toBe(0);
});

test("a session without processes, and no session, kill nothing", async () => {
  const nameless = await sleeper("");
  expect(await killOrphansOfSession(randomUUID())).toBe(0);
  expect(await killOrphansOfSession("")).toBe(0);
  expect(isRunning(nameless.pid!)).toBe(true);
});
