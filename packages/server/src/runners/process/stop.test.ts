import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { errorOf, isRunning, outputOf, setUp, untilGone } from "../attempt.fixture.ts";
import { endsOf } from "./start.ts";
import { supervise } from "./supervise.ts";

const linux = process.platform === "linux";
if (!linux) console.log("skipped: no /proc, processes that escape by setsid were not tested");

/** Starts a process in a session of its own that keeps the pipes, and ends when that is out. */
const ESCAPE = `setsid sh -c 'echo $$ >&2; touch "$TMPDIR/out"; exec sleep 30' &
  while [ ! -e "$TMPDIR/out" ]; do sleep 0.01; done; echo 1`;

const pids = (text: string) => text.trim().split(/\s+/).map(Number);

test("a process that does not end in time is stopped and told", async () => {
  const { sh } = setUp({ graceMs: 10_000 });
  const result = await sh("exec sleep 30", { timeoutMs: 100 });
  expect(result).toMatchObject({ status: "timed_out", facts: { signal: "SIGTERM" } });
  expect(errorOf(result)).toMatchObject({ code: "timed_out", details: { timeout_ms: 100 } });
});

test("TERM comes first, so that the process can tidy up", async () => {
  const { sh, abort, logged, textOf } = setUp({ graceMs: 10_000 });
  const running = sh(
    "trap 'echo tidied >&2; exit 0' TERM; echo ready >&2; while :; do sleep 0.02; done",
  );
  await logged("ready");
  abort.abort("cancel");
  expect((await running).status).toBe("canceled");
  expect(textOf("stderr")).toContain("tidied");
});

/** A shell that has no trap dies of TERM at once; what it has called takes its time, and holds no pipe. */
const CALLING = (tidy: string) =>
  `sh -c 'trap "${tidy}" TERM; : >"$TMPDIR/up"; while :; do sleep 0.02; done' >/dev/null 2>&1 &
  while [ ! -e "$TMPDIR/up" ]; do sleep 0.01; done; echo $! ready >&2; wait`;

test.each(["cancel", "timeout"])(
  "what a script has called has the whole grace (%s)",
  async (why) => {
    const { sh, abort, logged, work } = setUp({ graceMs: 10_000 });
    const tidy = 'sleep 1; echo tidied >"$TMPDIR/tidied"; exit 0';
    const running = sh(CALLING(tidy.replaceAll('"', '\\"').replaceAll("$", "\\$")), {
      timeoutMs: why === "timeout" ? 1_000 : 20_000,
    });
    await logged("ready");
    if (why === "cancel") abort.abort("cancel");
    expect(await running).toMatchObject({ facts: { signal: "SIGTERM" } });
    expect(readFileSync(join(work, "tidied"), "utf8")).toBe("tidied\n");
  },
);

test("what a script has called and ignores TERM is killed after the grace", async () => {
  const { sh, abort, logged, textOf } = setUp({ graceMs: 300 });
  const running = sh(CALLING(""));
  await logged("ready");
  abort.abort("cancel");
  const { facts } = await running;
  expect(facts.durationMs).toBeGreaterThanOrEqual(295);
  expect(isRunning(pids(textOf("stderr"))[0]!)).toBe(false);
});

test("a lease that is lost ends the grace of what a script has called", async () => {
  const { sh, abort, logged, textOf } = setUp({ graceMs: 60_000 });
  const script = `exec 3>&2; ${CALLING("echo told >&3")}`;
  const running = sh(script, { timeoutMs: 1_000 });
  await logged("told");
  abort.abort("lease_lost");
  expect((await running).facts.durationMs).toBeLessThan(30_000);
  await untilGone(pids(textOf("stderr"))[0]!);
});

test("a process that ignores TERM is killed after the grace, with all its children", async () => {
  const { sh, abort, logged, textOf } = setUp({ graceMs: 150 });
  const running =
    sh(`trap '' TERM; i=0; while [ $i -lt 40 ]; do sleep 30 & echo $! >&2; i=$((i+1)); done
    echo $$ >&2; echo ready; wait`);
  await logged("ready");
  abort.abort("cancel");
  const result = await running;
  expect(result).toMatchObject({ status: "canceled", facts: { signal: "SIGKILL" } });
  expect(result.facts.durationMs).toBeGreaterThanOrEqual(145);
  expect(result.facts.leftBehind).toBeUndefined();
  const all = pids(textOf("stderr"));
  expect(all).toHaveLength(41);
  expect(all.filter(isRunning)).toEqual([]);
});

test("a cancel ends the whole group and says so", async () => {
  const { sh, abort, logged, textOf } = setUp();
  const running = sh("sleep 30 & echo $! >&2; echo ready >&2; wait");
  await logged("ready");
  abort.abort("cancel");
  const result = await running;
  expect(result).toMatchObject({ status: "canceled", facts: { signal: "SIGTERM" } });
  expect(errorOf(result)).toMatchObject({ code: "canceled", message: "The attempt was canceled." });
  await untilGone(pids(textOf("stderr"))[0]!);
});

test("a lost lease kills at once, since another worker may have the work already", async () => {
  const { sh, abort, logged } = setUp({ graceMs: 60_000 });
  const running = sh("trap '' TERM; echo ready >&2; while :; do sleep 0.05; done");
  await logged("ready");
  abort.abort("lease_lost");
  const result = await running;
  expect(result).toMatchObject({ status: "canceled", facts: { signal: "SIGKILL" } });
  expect(errorOf(result).message).toBe("The worker lost its lease.");
});

test("a lease that is lost ends the grace of a cancel", async () => {
  const { sh, abort, logged } = setUp({ graceMs: 60_000 });
  const atOnce = new AbortController();
  const script = "trap 'echo told >&2' TERM; echo ready >&2; while :; do sleep 0.05 || :; done";
  const running = sh(script, { atOnce: atOnce.signal });
  await logged("ready");
  abort.abort("cancel");
  await logged("told");
  atOnce.abort();
  const result = await running;
  expect(result).toMatchObject({ status: "canceled", facts: { signal: "SIGKILL" } });
});

test("an attempt that was canceled before its start starts nothing", async () => {
  const { sh, abort, logs } = setUp();
  abort.abort("cancel");
  const result = await sh("echo here >&2");
  expect(result.status).toBe("canceled");
  expect(result.facts.pid).toBeUndefined();
  expect(logs).toEqual([]);
});

test("a cancel that comes in the moment of the start is not lost", async () => {
  const { sh, abort } = setUp();
  const running = sh("exec sleep 10");
  abort.abort("cancel");
  expect(await running).toMatchObject({ status: "canceled", facts: { signal: "SIGTERM" } });
});

test("a timeout of many days does not fire at once", async () => {
  const { sh } = setUp();
  expect(outputOf(await sh("sleep 0.05; echo 1", { timeoutMs: 2 ** 31 * 5 }))).toBe(1);
});

test("a timeout longer than Node's longest timer fires in the end", async () => {
  const child = spawn("sleep", ["30"], { detached: true, stdio: "ignore" });
  await once(child, "spawn");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const signals: string[] = [];
  void supervise(endsOf(child), child.pid!, {
    timeoutMs: 2 ** 31 + 1000,
    signal: new AbortController().signal,
    graceMs: 10,
    drainMs: 10,
    killWaitMs: 10,
    signalGroup: (_pid, signal) => signals.push(signal) > 0,
    groupRuns: async () => false,
    onDrain: () => {},
  });
  vi.advanceTimersByTime(2 ** 31 + 998);
  expect(signals).toEqual([]);
  vi.advanceTimersByTime(2);
  expect(signals).toEqual(["SIGTERM"]);
  vi.useRealTimers();
  child.kill("SIGKILL");
  await once(child, "exit");
});

test("a process that KILL does not end is given up and told", async () => {
  const child = spawn("sleep", ["30"], { detached: true, stdio: "ignore" });
  const ending = await supervise(endsOf(child), child.pid!, {
    timeoutMs: 20,
    signal: new AbortController().signal,
    graceMs: 20,
    drainMs: 20,
    killWaitMs: 20,
    groupRuns: async () => false,
    signalGroup: () => false, // As for a process of another user.
    onDrain: () => {},
  });
  expect(ending).toMatchObject({ stopped: "timeout", survived: true, exitCode: null });
  child.kill("SIGKILL");
  await once(child, "exit");
});

test("children left in the background are gone when the attempt has ended", async () => {
  const { sh } = setUp();
  const output = outputOf(await sh("sleep 30 >/dev/null 2>&1 </dev/null & echo $!"));
  await untilGone(Number(output));
});

test("a grandchild that holds the pipes open holds nothing up", async () => {
  const { sh } = setUp({ drainMs: 50 });
  const result = await sh("sleep 30 & echo $!");
  expect(result.facts.durationMs).toBeLessThan(5_000);
  await untilGone(Number(outputOf(result)));
  expect(result.facts.leftBehind).toBeUndefined();
});

test("what a grandchild prints just after the end is still read", async () => {
  const { sh } = setUp({ drainMs: 2_000 });
  expect(outputOf(await sh("(sleep 0.1; echo '\"late\"') &"))).toBe("late");
});

test.skipIf(!linux)("what escaped by setsid and holds the pipes is found and counted", async () => {
  const { sh, textOf } = setUp({ drainMs: 50 });
  const result = await sh(ESCAPE);
  expect(outputOf(result)).toBe(1);
  expect(result.facts.leftBehind).toBe(1);
  await untilGone(pids(textOf("stderr"))[0]!);
});

test.skipIf(!linux)("what escaped by setsid is killed with a canceled attempt", async () => {
  const { sh, abort, logged, textOf } = setUp();
  const script = "setsid sh -c 'echo $$ ready >&2; exec sleep 30 >/dev/null 2>&1' & wait";
  const running = sh(script);
  await logged("ready");
  abort.abort("cancel");
  const result = await running;
  expect(result).toMatchObject({ status: "canceled", facts: { leftBehind: 1 } });
  await untilGone(pids(textOf("stderr"))[0]!);
});

test.skipIf(!linux)("the escaped of one attempt are not those of its neighbour", async () => {
  const { sh, abort, logged } = setUp({ drainMs: 50 });
  const running = sh("echo ready >&2; while :; do sleep 0.05; done");
  await logged("ready");
  const other = await sh(ESCAPE, {
    attempt: 3,
    signal: new AbortController().signal,
  });
  expect(other.facts.leftBehind).toBe(1);
  abort.abort("cancel");
  expect(await running).toMatchObject({ status: "canceled", facts: { signal: "SIGTERM" } });
});
