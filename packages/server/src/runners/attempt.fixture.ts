import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProcessSpec } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import { expect, onTestFinished, vi } from "vitest";
import { createProcessRunner, type ProcessRunnerOptions } from "./process/process.ts";
import type { AttemptContext, AttemptResult, LogChunk } from "./runner.ts";

/** A real folder with a pack and a work folder, and a runner over it; gone when the test has ended. */
export function setUp(options: ProcessRunnerOptions = {}) {
  const root = mkdtempSync(join(tmpdir(), "yard-runner-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const pack = join(root, "pack");
  const work = join(root, "work");
  mkdirSync(pack);
  mkdirSync(work);
  const runner = createProcessRunner({ graceMs: 300, ...options });
  const logs: LogChunk[] = [];
  const abort = new AbortController();
  let saw = "";
  const awaited = new Map<string, () => void>();

  const context = (given: Partial<AttemptContext> = {}): AttemptContext => ({
    runId: root,
    step: "each#3",
    attempt: 2,
    input: null,
    timeoutMs: 20_000,
    session: `session of ${root}`,
    packFolder: pack,
    workFolder: () => work,
    idempotencyKey: "key-1",
    signal: abort.signal,
    onLog: (chunk) => {
      logs.push(chunk);
      saw += chunk.text;
      for (const [text, tell] of awaited) if (saw.includes(text)) tell();
    },
    ...given,
  });

  return {
    root,
    pack,
    work,
    logs,
    abort,
    context,
    runner,
    /** Resolves when the attempt has logged a text. */
    logged: (text: string) =>
      saw.includes(text)
        ? Promise.resolve()
        : new Promise<void>((resolve) => awaited.set(text, resolve)),
    textOf: (stream: LogChunk["stream"]) =>
      logs
        .filter((chunk) => chunk.stream === stream)
        .map((chunk) => chunk.text)
        .join(""),
    file: (name: string, text: string) => {
      const path = join(pack, name);
      writeFileSync(path, text);
      return path;
    },
    run: (spec: Omit<ProcessSpec, "kind" | "output"> & Partial<ProcessSpec>, given = {}) =>
      runner.run({ kind: "process", output: "json", ...spec }, context(given)),
    sh: (script: string, given: Partial<AttemptContext> & Partial<ProcessSpec> = {}) => {
      const { output = "json", ...rest } = given;
      return runner.run({ kind: "process", script, output, ...rest }, context(rest));
    },
  };
}

export function outputOf(result: AttemptResult): Json {
  if (result.status !== "success") throw new Error(JSON.stringify(result));
  return result.output;
}

export function errorOf(result: AttemptResult) {
  if (result.status === "success") throw new Error(`succeeded: ${JSON.stringify(result.output)}`);
  return result.error;
}

/** Whether a process runs: a zombie that nobody has collected does not. */
export function isRunning(pid: number): boolean {
  if (!existsSync("/proc/self")) {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** What was killed before an attempt's end is told is gone a moment after the signal. */
export async function untilGone(pid: number): Promise<void> {
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
}
