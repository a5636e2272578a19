import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isOfMachine } from "@yardmaster/protocol/core";
import {
  NODE_TIMES,
  NOT_BEGUN,
  type OutgoingNodeFrames,
  type ProcessPayload,
  type ServerFrames,
  type TaskStatus,
} from "@yardmaster/protocol/node";
import {
  type SpawnDeps,
  type Spawned,
  type SpawnedCommand,
  spawnCommand,
} from "../calls/spawned.ts";
import { MARK, markValue } from "../environment.ts";
import type { Outbox } from "../outbox.ts";
import type { Budget } from "../output/budget.ts";
import { killMembers } from "../processes/stop.ts";
import { codeOf } from "../refusal.ts";
import { START_LOST } from "../spawner/living-spawner.ts";
import { collectFiles, isTooMuch } from "./collect.ts";
import type { ContentStore } from "./content-store.ts";
import { jobCommand } from "./job-command.ts";
import { createJobLog } from "./job-log.ts";
import { layFile } from "./lay-file.ts";
import { cannotBegin, mayEverFit, whyNotBegun } from "./not-begun.ts";
import type { PackFolder, PackFolders } from "./pack-folders.ts";
import { removeTree } from "./remove-tree.ts";

export type TaskOffer = ServerFrames["task_offer"];
type TaskResult = OutgoingNodeFrames["task_result"];

/** Why a job is stopped. After the first nobody wants to hear of it. */
export type JobStop = "lost" | "canceled" | "timeout";

/** The process of one job, from its laid out files to its result. */
export interface Job {
  readonly offer: TaskOffer;
  readonly log: ReturnType<typeof createJobLog>;
  /** All of its files are there. Never rejects. */
  run(): Promise<void>;
  stop(why: JobStop, graceMs: number): void;
  /** It ends before it began, by this error. Never rejects. */
  fail(error: unknown): Promise<void>;
  /** What it handed back, once it has ended. */
  collected(path: string): { readonly path: string; readonly folder: string } | undefined;
  hasEnded(): boolean;
  readonly ended: Promise<void>;
  /** Gives up its pack and leaves its folder. After it has ended. */
  release(): Promise<void>;
  /** Takes its folder away as well. After it has ended. */
  free(): Promise<void>;
}

export interface JobDeps extends SpawnDeps {
  readonly outbox: Outbox;
  readonly budget: Budget;
  readonly packs: PackFolders;
  readonly store: ContentStore;
  /** The folder of all jobs, and in it one of this job alone. */
  readonly root: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onEnd: (job: Job, result: TaskResult) => void;
}

/**
 * It ends when its process has, all others that it started are killed, and its files are collected. Then the
 * result goes to the server, behind all that it printed.
 */
export function createJob(offer: TaskOffer, payload: ProcessPayload, deps: JobDeps): Job {
  const { outbox, budget, folder } = deps;
  const { lease_id, fence } = offer;
  const work = join(folder, "work");
  const inputFile = payload.input_b64 === undefined ? undefined : join(folder, "input.json");
  const mark = { name: MARK.lease, value: markValue(lease_id) };
  let pack: PackFolder | undefined;
  let spawned: Spawned | undefined;
  let stopped: JobStop | undefined;
  let startedAt: number | undefined;
  let result: TaskResult | undefined;
  let timer: NodeJS.Timeout | undefined;
  let resolveEnded: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve;
  });

  const log = createJobLog({ leaseId: lease_id, outbox, budget, onRoom: () => spawned?.resume() });

  const end = (facts: Pick<TaskResult, "status"> & Partial<TaskResult>): void => {
    if (result !== undefined) return;
    clearTimeout(timer);
    result = {
      type: "task_result",
      lease_id,
      fence,
      exit_code: -1,
      duration_ms: startedAt === undefined ? 0 : Math.round(performance.now() - startedAt),
      stdout_bytes: log.bytesOf("stdout"),
      stderr_bytes: log.bytesOf("stderr"),
      files: [],
      ...facts,
    };
    log.finish(result);
    deps.onEnd(job, result);
    resolveEnded();
  };

  const fail = (error: string, error_detail: string): void =>
    end({ status: "failed", error, error_detail });

  const failBefore = async (error: unknown): Promise<void> => {
    const why = whyNotBegun(error);
    const isOfNode = why !== undefined && (await mayEverFit(deps.root, payload).catch(() => true));
    if (isOfNode) fail(NOT_BEGUN, why);
    else fail("io_error", messageOf(error));
  };

  const start = async (): Promise<Spawned | undefined> => {
    pack = await deps.packs.take(payload.files);
    await mkdir(work, { recursive: true, mode: 0o700 }).catch(cannotBegin);
    for (const file of payload.work_files) await layFile(work, file, deps.store, OWN);
    if (inputFile !== undefined) await layInput(inputFile, payload).catch(cannotBegin);
    const { file, args, cwd, env } = jobCommand(payload, {
      ...{ pack: pack.path, work },
      ...(inputFile !== undefined && { inputFile }),
    });
    const command: SpawnedCommand = {
      file,
      args,
      cwd,
      env: { ...deps.env, ...env },
      mark,
      stdin: payload.stdin_b64 === undefined ? "null" : "pipe",
      onOutput(stream, bytes) {
        log.take(stream, bytes);
        if (!log.hasRoom()) spawned?.pause();
      },
    };
    if (stopped !== undefined) return undefined;
    const started = await spawnCommand(deps, command).catch(cannotBegin);
    if (!(started instanceof Error)) return started;
    if (codeOf(started) === START_LOST) {
      end({ status: "failed", error: "exec_failed", signal: "SIGKILL" });
    } else if (isOfMachine(started)) {
      throw started;
    } else {
      fail("exec_failed", `"${file}" cannot be started in ${payload.cwd} (${codeOf(started)})`);
    }
    return undefined;
  };

  /** It may hold secrets, and the folder may be kept. */
  const removeInput = async (): Promise<void> => {
    if (inputFile !== undefined) await rm(inputFile, { force: true }).catch(() => undefined);
  };

  const attend = async (running: Spawned): Promise<void> => {
    void running.input?.write(Buffer.from(payload.stdin_b64 ?? "", "base64"));
    running.input?.end();
    if (!log.hasRoom()) running.pause();
    if (stopped !== undefined) void running.stop(0);
    const timeoutMs = Math.min(payload.timeout_ms, LONGEST_TIMER_MS);
    timer = setTimeout(() => stop("timeout", NODE_TIMES.killGraceMs), timeoutMs);
    const { exitCode, signal } = await running.ended;
    clearTimeout(timer);
    const endedAs = stopped;
    await killMembers({ mark, root: running.pid, sparesRoot: false });
    await removeInput();
    const verdict = verdictOf(exitCode, endedAs, payload);
    const facts = { exit_code: exitCode, ...(signal !== undefined && { signal }) };
    const collected = endedAs === "lost" ? { files: [] } : await collect(verdict.status);
    end({ ...verdict, ...facts, ...collected });
  };

  /** What cannot be collected fails a job that went well; with its exit code, for it has run. */
  const collect = async (status: TaskStatus): Promise<Partial<TaskResult>> => {
    try {
      return { files: await collectFiles(work, payload.collect, payload.collect_limits) };
    } catch (error) {
      if (status !== "succeeded") return { files: [] };
      const reason = isTooMuch(error) ? "limit_exceeded" : "io_error";
      return { status: "failed", error: reason, error_detail: messageOf(error) };
    }
  };

  const stop: Job["stop"] = (why, graceMs) => {
    if (result !== undefined) return;
    if (stopped === undefined || why === "lost") stopped = why;
    if (why === "lost") log.mute();
    if (spawned !== undefined) void spawned.stop(why === "lost" ? 0 : graceMs);
    else if (startedAt === undefined) end({ status: "canceled", error: "exec_canceled" });
  };

  const release = async (): Promise<void> => {
    await ended;
    pack?.release();
  };

  const job: Job = {
    offer,
    log,
    stop,
    fail: failBefore,
    ended,
    hasEnded: () => result !== undefined,
    collected: (path) =>
      result?.files?.some((file) => file.path === path) === true
        ? { path: join(work, path), folder: work }
        : undefined,
    async run() {
      startedAt = performance.now();
      try {
        spawned = await start();
        if (spawned !== undefined) await attend(spawned);
        else if (result === undefined) end({ status: "canceled", error: "exec_canceled" });
      } catch (error) {
        if (spawned === undefined) await failBefore(error);
        else fail("io_error", messageOf(error));
      } finally {
        await removeInput();
      }
    },
    release,
    async free() {
      await release();
      await removeTree(folder);
    },
  };
  return job;
}

/** The bits of a mode that a file in the work folder keeps: nobody but the job's user has it. */
const OWN = 0o700;

/** `wx`, since nothing of that name may be there, least of all a link. */
async function layInput(path: string, { input_b64 = "" }: ProcessPayload): Promise<void> {
  await writeFile(path, Buffer.from(input_b64, "base64"), { mode: 0o600, flag: "wx" });
}

/** Longer timers fire at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function verdictOf(
  exitCode: number,
  stopped: JobStop | undefined,
  { timeout_ms }: ProcessPayload,
): Pick<TaskResult, "status" | "error" | "error_detail"> {
  if (stopped === "timeout") {
    const error_detail = `it did not end within ${timeout_ms} ms and was stopped`;
    return { status: "failed", error: "exec_timeout", error_detail };
  }
  if (stopped !== undefined) return { status: "canceled", error: "exec_canceled" };
  if (exitCode === 0) return { status: "succeeded" };
  return { status: "failed", error: "exec_failed" };
}
