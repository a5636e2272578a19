import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { errorOf, isRunning, outputOf, setUp, untilGone } from "../attempt.fixture.ts";
import type { LogChunk } from "../runner.ts";
import { createSpawners, type SpawnersOptions } from "./spawners.ts";

const RUN_TYPESCRIPT = fileURLToPath(new URL("../../../test/run-typescript.mjs", import.meta.url));
const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const OUT_OF_FILES = fileURLToPath(new URL("./out-of-files.fixture.ts", import.meta.url));
const COMMAND = [process.execPath, RUN_TYPESCRIPT, MAIN];
const posix = process.platform !== "win32";
const linux = process.platform === "linux";

/** A runner over one spawner that has come up. */
async function setUpSpawner(options: SpawnersOptions = {}) {
  const lost = vi.fn();
  const spawners = createSpawners({ command: COMMAND, count: 1, onLost: lost, ...options });
  onTestFinished(() => spawners.close());
  const room = setUp({ start: spawners.start });
  expect(outputOf(await room.sh("echo $PPID"))).toBe(process.pid); // None is there: it starts from here.
  await vi.waitFor(() => expect(spawners.pids()).toHaveLength(1));
  return { ...room, spawners, lost, pid: spawners.pids()[0] as number };
}

test.skipIf(!posix)(
  "a process is the spawner's child, with its input, output, logs and end",
  async () => {
    const { sh, pid, textOf } = await setUpSpawner();
    expect(outputOf(await sh("echo $PPID"))).toBe(pid);
    const input = { text: "x".repeat(900_000) };
    const result = await sh("echo note >&2; cat", { input });
    expect(outputOf(result)).toEqual(input);
    expect(textOf("stderr")).toBe("note\n");
    expect(await sh("exit 7")).toMatchObject({ status: "failed", facts: { exitCode: 7 } });
    expect(await sh("kill -SEGV $$")).toMatchObject({ facts: { signal: "SIGSEGV" } });
    const many = await Promise.all([1, 2, 3, 4, 5].map((n) => sh(`echo ${n}`)));
    expect(many.map(outputOf)).toEqual([1, 2, 3, 4, 5]);
  },
);

test.skipIf(!posix)(
  "a process that keeps its stdin is written to until it is closed, and then no more",
  async () => {
    const { spawners, pid } = await setUpSpawner();
    const start = { file: "cat", args: [], cwd: "/", env: {}, stdin: "a", keepsStdin: true };
    const child = await spawners.start(start);
    if (child instanceof Error) throw child;
    expect(spawners.pids()).toEqual([pid]);
    let printed = "";
    const all = new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk) => {
        printed += chunk.toString();
        if (printed.length === 300_002) resolve();
      });
    });
    child.writeStdin("b".repeat(300_000));
    child.writeStdin("c");
    await all;
    child.endStdin();
    child.writeStdin("d");
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(printed).toBe(`a${"b".repeat(300_000)}c`);
  },
);

test.skipIf(!linux)(
  "a child gets its three pipes and its own environment, nothing else",
  async () => {
    const { run } = await setUpSpawner();
    const here = setUp();
    const open = { command: ["ls", "/proc/self/fd"], output: "text" } as const;
    expect(outputOf(await run(open))).toBe(outputOf(await here.run(open)));
    const names = (text: unknown) =>
      String(text)
        .split("\n")
        .map((line) => line.split("=")[0])
        .sort();
    const spec = { command: ["env"], output: "text" } as const;
    expect(names(outputOf(await run(spec)))).toEqual(names(outputOf(await here.run(spec))));
  },
);

test.skipIf(!posix)("what cannot be started is told as it is without a spawner", async () => {
  const { run } = await setUpSpawner();
  const here = setUp();
  for (const command of [
    ["no-such-program-here"],
    ["a\0b"],
    ["true", "x".repeat(200_000)],
    ["/"],
  ]) {
    const told = errorOf(await run({ command }));
    expect(told).toEqual(errorOf(await here.run({ command })));
    expect(told.code).toBe("process_start");
  }
});

test.skipIf(!posix)(
  "timeout, cancel and the drain of held pipes work as they do without",
  async () => {
    const { sh, abort, logged } = await setUpSpawner();
    const late = await sh("exec sleep 30", { timeoutMs: 100 });
    expect(late).toMatchObject({ status: "timed_out", facts: { signal: "SIGTERM" } });
    const held = await sh("sleep 30 & echo $!");
    await untilGone(Number(outputOf(held)));
    const running = sh("trap '' TERM; echo ready >&2; while :; do sleep 0.02; done");
    await logged("ready");
    abort.abort("cancel");
    expect(await running).toMatchObject({ status: "canceled", facts: { signal: "SIGKILL" } });
  },
);

test.skipIf(!posix)(
  "a slow log slows its own process, through the spawner, and no other",
  async () => {
    const { sh, work } = await setUpSpawner();
    let seen = 0;
    let goOn = () => {};
    const stuck = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const onLog = ({ stream, text }: LogChunk) => {
      if (stream === "stdout") return;
      seen += text.length;
      return stuck;
    };
    const script = "head -c 3000000 /dev/zero | tr '\\0' x >&2; touch $TMPDIR/written; echo 1";
    const slow = sh(script, { onLog });
    await vi.waitFor(() => expect(seen).toBeGreaterThan(0));
    expect(outputOf(await sh("sleep 0.2; echo 2"))).toBe(2);
    expect(seen).toBeLessThan(1_000_000);
    expect(existsSync(join(work, "written"))).toBe(false); // It waits in the pipe, not in our memory.
    goOn();
    const result = await slow;
    expect(result.facts.stderrBytes).toBe(3_000_000);
    expect(seen).toBe(3_000_000);
  },
);

test.skipIf(!posix)(
  "a spawner killed in mid-run: its processes are killed and told lost, a new one comes",
  async () => {
    const { sh, logged, textOf, pid, spawners, lost } = await setUpSpawner();
    const running = sh("echo $$ >&2; setsid sleep 30 & echo $! >&2; echo ready >&2; exec sleep 30");
    await logged("ready");
    process.kill(pid, "SIGKILL");
    const result = await running;
    expect(result).toMatchObject({ status: "lost", error: { code: "worker_lost" } });
    expect(errorOf(result).message).toContain("lost and killed");
    const pids = textOf("stderr").split("\n").slice(0, 2).map(Number);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(lost).toHaveBeenCalledWith(pid);
    expect(outputOf(await sh("echo $PPID"))).toBe(process.pid);
    await vi.waitFor(() => expect(spawners.pids()).toHaveLength(1));
    expect(outputOf(await sh("echo $PPID"))).toBe(spawners.pids()[0]);
  },
);

test.skipIf(!posix)(
  "a start that a killed spawner has not answered is told lost, and nothing of it runs",
  async () => {
    const { sh, root, pid } = await setUpSpawner();
    process.kill(pid, "SIGSTOP");
    const running = sh(`echo $$ > ${root}/pid; exec sleep 30`);
    process.kill(pid, "SIGKILL");
    expect(await running).toMatchObject({ status: "lost" });
    expect(() => readFileSync(`${root}/pid`)).toThrow();
  },
);

test.skipIf(!posix)(
  "when the server lets go of it, a spawner kills what runs and ends",
  async () => {
    const { sh, logged, textOf, pid, spawners } = await setUpSpawner();
    const running = sh("echo $$ >&2; trap '' TERM; echo ready >&2; while :; do sleep 0.05; done");
    await logged("ready");
    spawners.close();
    await running;
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
    await untilGone(Number(textOf("stderr").split("\n")[0]));
  },
);

test.skipIf(!posix)("without work it ends, and comes again with work", async () => {
  const { sh, pid, spawners } = await setUpSpawner({ idleMs: 200 });
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
  expect(spawners.pids()).toEqual([]);
  expect(outputOf(await sh("echo $PPID"))).toBe(process.pid);
});

test("a spawner that does not come up is not waited for, nor tried with each start", async () => {
  const lost = vi.fn();
  const command = [process.execPath, "-e", "process.exit(1)"];
  const spawners = createSpawners({ command, count: 2, onLost: lost });
  onTestFinished(() => spawners.close());
  const { sh } = setUp({ start: spawners.start });
  expect(outputOf(await sh("echo 1"))).toBe(1);
  await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(1));
  expect(outputOf(await sh("echo 2"))).toBe(2);
  expect(lost).toHaveBeenCalledTimes(1);
});

test.skipIf(!posix)(
  "a server that may open no further file is told so by a start, and lives on",
  async () => {
    const line = 'ulimit -n 64; exec "$@"';
    const args = ["-c", line, "sh", process.execPath, RUN_TYPESCRIPT, OUT_OF_FILES];
    expect((await promisify(execFile)("/bin/sh", args)).stdout).toBe("EMFILE");
  },
);
