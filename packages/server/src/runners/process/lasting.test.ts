import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessSpec } from "@yardmaster/kernel";
import { expect, onTestFinished, test, vi } from "vitest";
import { isRunning, untilGone } from "../attempt.fixture.ts";
import { createSpawners } from "../spawner/spawners.ts";
import { createLastingStarter, type LastingProcess } from "./lasting.ts";
import { type StartProcess, startHere } from "./start.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SPAWNER = [
  process.execPath,
  here("../../../test/run-typescript.mjs"),
  here("../spawner/main.ts"),
];
const posix = process.platform !== "win32";

async function spawnerStart(): Promise<StartProcess> {
  const spawners = createSpawners({ command: SPAWNER, count: 1 });
  onTestFinished(() => spawners.close());
  const one = await spawners.start({ file: "true", args: [], cwd: "/", env: {}, stdin: "" });
  if (!(one instanceof Error)) await one.closed;
  await vi.waitFor(() => expect(spawners.pids()).toHaveLength(1));
  return spawners.start;
}

async function setUp(script: string, start: StartProcess, graceMs = 20_000) {
  const folder = mkdtempSync(join(tmpdir(), "yard-lasting-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [out, err]: [(string | undefined)[], (string | undefined)[]] = [[], []];
  let tellEnd = (): void => {};
  const stdoutEnded = new Promise<void>((resolve) => {
    tellEnd = resolve;
  });
  const startLasting = createLastingStarter({ start, graceMs, maxLineBytes: 100_000 });
  const spec: ProcessSpec = { kind: "process", script, output: "none" };
  const started = await startLasting({
    spec,
    packFolder: folder,
    workFolder: folder,
    marks: { YARD_SESSION: "s", YARD_SENSOR: "t.x" },
    greeting: "hello\n",
    onStdout: (line) => out.push(line?.toString()),
    onStderr: (line) => err.push(line?.toString()),
    onStdoutEnd: tellEnd,
  });
  if ("code" in started) throw new Error(started.message);
  const process: LastingProcess = started;
  onTestFinished(() => process.kill());
  return { process, out, err, stdoutEnded };
}

const starts: [string, () => Promise<StartProcess>][] = [
  ["a child of this process", async () => startHere],
  ["a child of a spawner", spawnerStart],
];

for (const [what, startOf] of starts) {
  test.skipIf(!posix)(
    `${what} is greeted, keeps its stdin, and is told to stop by its end`,
    async () => {
      const { process, out, err } = await setUp(
        'trap "" TERM; read line; echo "$line $YARD_SENSOR"; echo note >&2; cat; echo bye',
        await startOf(),
      );
      await vi.waitFor(() => expect([out, err]).toEqual([["hello t.x"], ["note"]]));
      expect(isRunning(process.pid)).toBe(true);
      process.stop("cancel");
      expect(await process.ended).toMatchObject({ exitCode: 0, stopped: "cancel" });
      expect(out).toEqual(["hello t.x", "bye"]);
    },
  );

  test.skipIf(!posix)(`${what} that closes its stdout and stays is told of`, async () => {
    const { process, out, stdoutEnded } = await setUp(
      "read line; echo last; exec >&-; cat > /dev/null",
      await startOf(),
    );
    await stdoutEnded;
    expect(out).toEqual(["last"]);
    expect(isRunning(process.pid)).toBe(true);
    process.stop("cancel");
    expect(await process.ended).toMatchObject({ stopped: "cancel" });
  });

  test.skipIf(!posix)(
    `${what} is not read while it is paused, and all of it in the end`,
    async () => {
      const { process, out } = await setUp(
        'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done',
        await startOf(),
      );
      process.stdout.pause();
      process.stdout.resume();
      const { exitCode } = await process.ended;
      expect(exitCode).toBe(0);
      expect(out).toHaveLength(20_000);
      expect(out.at(-1)).toBe("line 19999");
    },
  );
}

test.skipIf(!posix)(
  "what ignores TERM and its stdin is killed after its grace, with all that it started",
  async () => {
    const { process, out } = await setUp(
      'trap "" TERM; (trap "" TERM; sleep 60) & echo $!; wait; sleep 60',
      startHere,
      50,
    );
    await vi.waitFor(() => expect(out).toHaveLength(1));
    process.stop("cancel");
    expect(await process.ended).toMatchObject({ exitSignal: "SIGKILL", stopped: "cancel" });
    await untilGone(Number(out[0]));
  },
);

test.skipIf(!posix)("a stop whose grace is ended is a kill", async () => {
  const { process, out } = await setUp('trap "" TERM; echo up; sleep 60', startHere);
  await vi.waitFor(() => expect(out).toEqual(["up"]));
  process.stop("cancel");
  process.kill();
  expect(await process.ended).toMatchObject({ exitSignal: "SIGKILL" });
});
