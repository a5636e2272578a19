import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { isGone, type ProcessId, processStartId } from "./process-identity.ts";

it("a process is gone when it has ended, and not before", async () => {
  const child = spawn("sleep", ["60"]);
  onTestFinished(() => void child.kill());
  await once(child, "spawn");
  const id: ProcessId = { pid: child.pid ?? 0, startId: processStartId(child.pid ?? 0) ?? "" };
  expect(isGone(id)).toBe(false);
  child.kill();
  await once(child, "exit");
  expect(isGone(id)).toBe(true);
});

it.runIf(process.platform === "linux").each([
  ["another machine", (boot: string) => boot.replace(/^./, (first) => (first === "0" ? "1" : "0"))],
  ["a container beside this one", (boot: string) => `${boot}/pid:[1]`],
])("a process of %s is not gone because it cannot be seen from here", (_, elsewhere) => {
  const [boot = "", started = ""] = (processStartId(process.pid) ?? "").split(/:(?=\d+$)/);
  // Nobody has this number here.
  const pid = 2 ** 22 + 1;
  expect(isGone({ pid, startId: `${boot}:${started}` })).toBe(true);
  expect(isGone({ pid, startId: `${elsewhere(boot)}:${started}` })).toBe(false);
});
