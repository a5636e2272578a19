import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openOutputs } from "../pipes/open-outputs.ts";
import { createPipeFolder } from "../pipes/pipe-folder.ts";
import { codeOf } from "../refusal.ts";
import { isRunning } from "../testing/work.fixture.ts";
import { START_LOST } from "./living-spawner.ts";
import { SPAWNER_COMMAND } from "./program.ts";
import { createSpawner, type SpawnerOptions } from "./spawner.ts";
import { type StartOrder, type StartProcess, startHere } from "./start.ts";

const linux = process.platform === "linux";

/** A spawner, not yet up, and a way to run things with it. */
function make(options: Partial<SpawnerOptions> = {}) {
  const root = mkdtempSync(join(tmpdir(), "yard-spawner-"));
  const pipes = createPipeFolder(root);
  const onLost = vi.fn();
  const spawner = createSpawner({ env: {}, onLost, ...options });
  onTestFinished(() => {
    spawner.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** Starts a program and gives what it printed, and how it ended. */
  async function run(file: string, args: string[], more: Partial<StartOrder> = {}) {
    return await runWith(spawner.start, file, args, more);
  }

  async function runWith(
    start: StartProcess,
    file: string,
    args: readonly string[],
    more: Partial<StartOrder> = {},
  ) {
    const parts: Buffer[] = [];
    const take = (bytes: Buffer) => void parts.push(Buffer.from(bytes));
    const outputs = await openOutputs(pipes, take, take);
    const order = {
      file,
      args,
      cwd: "/",
      env: { PATH: process.env["PATH"] ?? "" },
      stdin: undefined,
      stdout: outputs.stdout.path,
      stderr: outputs.stderr.path,
      ...more,
    };
    const started = await start(order);
    outputs.closeWriters();
    if (started instanceof Error) {
      outputs.destroy();
      return { error: started, ended: Promise.reject(started).catch(() => started) };
    }
    outputs.start();
    const ended = started.exited.then((end) => {
      outputs.finish();
      return { ...end, text: Buffer.concat(parts).toString("utf8") };
    });
    return { pid: started.pid, ended };
  }

  /** The text that a line of the shell prints. */
  async function sh(script: string, more: Partial<StartOrder> = {}) {
    return await (await run("/bin/sh", ["-c", script], more)).ended;
  }

  return { root, pipes, spawner, onLost, run, runWith, sh };
}

/** One that is up. */
async function setUp(options: Partial<SpawnerOptions> = {}) {
  const room = make(options);
  expect(await room.sh("echo $PPID")).toMatchObject({ text: `${process.pid}\n` });
  await vi.waitFor(() => expect(room.spawner.pid()).toBeDefined());
  return { ...room, pid: room.spawner.pid() as number };
}

test("a process is the spawner's child, and its output and end come as they are", async () => {
  const { sh, pid } = await setUp();
  expect(await sh("echo $PPID")).toEqual({ code: 0, signal: null, text: `${pid}\n` });
  expect(await sh("echo note >&2; exit 7")).toEqual({ code: 7, signal: null, text: "note\n" });
  expect(await sh("kill -SEGV $$")).toMatchObject({ code: null, signal: "SIGSEGV" });
  const many = await Promise.all([1, 2, 3, 4, 5].map((n) => sh(`echo ${n}`)));
  expect(many.map((one) => "text" in one && one.text)).toEqual(["1\n", "2\n", "3\n", "4\n", "5\n"]);
});

test.skipIf(!linux)(
  "a process leads a group and session of its own, with its three descriptors, folder and variables alone",
  async () => {
    const { sh, run, runWith } = await setUp();
    const ids = await sh("cut -d' ' -f5,6 /proc/$$/stat; echo $$ $$");
    const [found, wanted] = String("text" in ids && ids.text).split("\n");
    expect(found).toBe(wanted);
    const list = ["/proc/self/fd"];
    const here = await (await runWith(startHere, "ls", list)).ended;
    expect(await (await run("ls", list)).ended).toEqual(here);
    const env = { PATH: process.env["PATH"] ?? "", "odd name": 'it\'s\n"odd" ü' };
    const printed = await (await run("env", ["-0"], { env })).ended;
    const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\0`);
    expect(printed).toMatchObject({ text: lines.join("") });
    expect(await sh("pwd", { cwd: "/usr" })).toMatchObject({ text: "/usr\n" });
  },
);

test("what cannot be started is told as it is without a spawner", async () => {
  const { run, runWith } = await setUp();
  const WRONG: [file: string, args?: string[], more?: Partial<StartOrder>][] = [
    ["no-such-program-here"],
    ["/etc/passwd"],
    ["/"],
    ["a\0b"],
    ["true", ["x".repeat(200_000)]],
    ["true", [], { cwd: "/no/such/folder" }],
  ];
  for (const [file, args = [], more] of WRONG) {
    const here = await runWith(startHere, file, args, more);
    expect(here.error).toBeInstanceOf(Error);
    expect(codeOf((await run(file, args, more)).error)).toBe(codeOf(here.error));
  }
});

test("a spawner that is killed: its processes are told lost, and a new one comes", async () => {
  const { run, sh, pid, spawner, onLost } = await setUp();
  const running = await run("sleep", ["30"]);
  process.kill(pid, "SIGKILL");
  expect(await running.ended).toMatchObject({ lost: true });
  process.kill(running.pid as number, "SIGKILL");
  expect(onLost).toHaveBeenCalledOnce();
  expect(await sh("echo $PPID")).toMatchObject({ text: `${process.pid}\n` });
  await vi.waitFor(() => expect(spawner.pid()).toBeDefined());
  expect(await sh("echo $PPID")).toMatchObject({ text: `${spawner.pid()}\n` });
});

test("a start that a killed spawner has not answered is lost, and the next is not", async () => {
  const { run, sh, pid } = await setUp();
  process.kill(pid, "SIGSTOP");
  const running = run("sleep", ["30"]);
  process.kill(pid, "SIGKILL");
  expect(codeOf((await running).error)).toBe(START_LOST);
  expect(await sh("echo on")).toMatchObject({ text: "on\n" });
});

test("a spawner that somebody stops is made to go on: nothing of it is lost", async () => {
  const { run, pid, onLost } = await setUp({ pulseMs: 20 });
  const running = await run("sh", ["-c", "read _; echo done"], { stdin: "/dev/null" });
  process.kill(pid, "SIGSTOP");
  const started = run("echo", ["on"]);
  expect(await running.ended).toMatchObject({ code: 0, text: "done\n" });
  expect(await (await started).ended).toMatchObject({ text: "on\n" });
  expect(onLost).not.toHaveBeenCalled();
});

test("a spawner that says nothing is given up, with what it was to start and what it runs", async () => {
  const silent = `
    const line = new (require("node:net").Socket)({ fd: 3 });
    line.write("\\n");
    line.on("data", () => {});
  `;
  const command = [process.execPath, "-e", silent];
  const { spawner, run, sh, onLost } = make({ command, pulseMs: 20 });
  await sh("true");
  await vi.waitFor(() => expect(spawner.pid()).toBeDefined());
  const pid = spawner.pid() as number;
  expect(codeOf((await run("echo", ["on"])).error)).toBe(START_LOST);
  expect(onLost).toHaveBeenCalledOnce();
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
});

test("a spawner that the system cannot start is done without", async () => {
  const { spawner, sh, onLost } = make({ command: ["/no/such/program"] });
  expect(await sh("echo on")).toMatchObject({ text: "on\n" });
  expect(await sh("echo on")).toMatchObject({ text: "on\n" });
  expect(spawner.pid()).toBeUndefined();
  expect(onLost).not.toHaveBeenCalled();
});

test("a spawner whose node was killed ends also with starts before it whose pipes nobody reads", async () => {
  const { pipes } = make();
  const [file = "", ...args] = SPAWNER_COMMAND;
  const child = spawn(file, args, { env: {}, stdio: ["ignore", "ignore", "inherit", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const line = child.stdio[3] as Socket;
  await once(line, "data");
  const gone = once(child, "exit");
  child.kill("SIGSTOP");
  const [stdin = "", stdout = "", stderr = ""] = await pipes.take(3);
  const env = { PATH: process.env["PATH"] };
  const order = { id: 1, file: "cat", args: [], cwd: "/", env, stdin, stdout, stderr };
  line.end(`${JSON.stringify(order)}\n`);
  await once(line, "finish");
  child.kill("SIGCONT");
  expect(await gone).toEqual([0, null]);
});

test("when the node is gone, its spawner kills the groups of what runs, and ends; TERM it leaves to the node", async () => {
  const { root, pipes } = make();
  const [file = "", ...args] = SPAWNER_COMMAND;
  const child = spawn(file, args, { env: {}, stdio: ["ignore", "ignore", "inherit", "pipe"] });
  const line = child.stdio[3] as Socket;
  let heard = "";
  line.setEncoding("utf8").on("data", (text: string) => {
    heard += text;
  });
  await vi.waitFor(() => expect(heard).toBe("\n"));
  child.kill("SIGTERM");
  child.kill("SIGINT");
  const [stdout = "", stderr = ""] = await pipes.take(2);
  const readers = [stdout, stderr].map((path) =>
    openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
  );
  onTestFinished(() => readers.forEach(closeSync));
  const script = `trap '' TERM; sleep 30 & echo $! > ${root}/pid; wait`;
  const env = { PATH: process.env["PATH"] };
  const order = { id: 1, file: "/bin/sh", args: ["-c", script], cwd: "/", env, stdout, stderr };
  line.write(`${JSON.stringify(order)}\n`);
  await vi.waitFor(() => expect(heard).toContain('"pid":'));
  await vi.waitFor(() => expect(existsSync(`${root}/pid`)).toBe(true));
  const pids = [JSON.parse(heard).pid, Number(readFileSync(`${root}/pid`, "utf8"))];
  const gone = once(child, "exit");
  line.destroy();
  expect(await gone).toEqual([0, null]);
  await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]));
});

test("without work it ends, and comes again with work; what runs keeps it", async () => {
  // Comes up in 50 ms, and in 300 on a slow machine.
  const { sh, pid, spawner, onLost } = await setUp({ idleMs: 200 });
  expect(await sh("sleep 0.5; echo $PPID")).toMatchObject({ text: `${pid}\n` });
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
  expect(spawner.pid()).toBeUndefined();
  expect(await sh("echo $PPID")).toMatchObject({ text: `${process.pid}\n` });
  expect(onLost).not.toHaveBeenCalled();
});

test("a spawner that does not come up is not waited for, nor tried with each start", async () => {
  const { sh, onLost } = make({ command: [process.execPath, "-e", "process.exit(1)"] });
  expect(await sh("echo 1")).toMatchObject({ text: "1\n" });
  await vi.waitFor(() => expect(onLost).toHaveBeenCalledOnce());
  expect(await sh("echo 2")).toMatchObject({ text: "2\n" });
  expect(onLost).toHaveBeenCalledOnce();
});
