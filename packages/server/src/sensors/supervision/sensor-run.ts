import type { SensorDefinition } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import type { Timers } from "../../engine/index.ts";
import {
  type LastingProcess,
  lastLines,
  type StartLasting,
  type WorkFolders,
} from "../../runners/index.ts";
import { readLine } from "../lines/read-line.ts";
import type { LineStore, StoreLinesDeps } from "../lines/store-lines.ts";
import type { SensorLog, SensorLogDeps } from "./sensor-log.ts";

/** What one process of a sensor needs of the world. */
export interface SensorRunDeps {
  readonly start: StartLasting;
  readonly packFolder: (digest: string) => Promise<string>;
  readonly workFolders: WorkFolders;
  readonly openStore: (
    of: Pick<StoreLinesDeps, "onRoom" | "onStored" | "onRefused" | "onFenced">,
  ) => LineStore;
  readonly openLog: (of: Pick<SensorLogDeps, "onRoom">) => SensorLog;
  /** Its process is there; in the order of the calls, and never rejects. */
  readonly onRunning: (pid: number) => Promise<void>;
  /** For the metrics. */
  readonly onLines: (outcome: "stored" | "refused", lines: number) => void;
  readonly monotonicMs: () => number;
  readonly timers: Timers;
}

export interface SensorRunOptions {
  readonly sensor: SensorDefinition;
  /** Where the one before it left off. */
  readonly cursor: Json;
  /** Types to which a rule listens now. */
  readonly listened: readonly string[];
  /** The worker's. */
  readonly session: string;
}

/** How it ended: as it was told to; by itself; or as one that is not the sensor's process any more. */
export type SensorRunEnd =
  | { readonly kind: "stopped" }
  | { readonly kind: "fenced" }
  | {
      readonly kind: "failed";
      readonly code: number | null;
      readonly signal: string | null;
      /** The end of what it wrote there, or why it could not be started. */
      readonly stderr: string;
      /** In words. */
      readonly how: string;
      readonly ranMs: number;
    };

export interface SensorRun {
  /** In order: its lines are stored before it has ended. */
  stop(why: string): void;
  /** Ends the grace of a stop. */
  hurry(): void;
  /** At once: others may have the sensor already, or nothing can be stored any more. Says how many lines were lost. */
  giveUp(): number;
  /** All of it has ended. Never rejects. */
  readonly ended: Promise<SensorRunEnd>;
}

/** Whoever ends closes its stdout too: who is still there so much later is not about to end. */
const CLOSED_GRACE_MS = 3_000;
const STDERR_TAIL_CHARS = 2 * 1024;

/** Starts the process of a sensor and sees it to its end: what it prints becomes events, in its order, or lines of its log. */
export function runSensor(deps: SensorRunDeps, options: SensorRunOptions): SensorRun {
  const { sensor, cursor, listened, session } = options;
  let child: LastingProcess | undefined;
  let stopping: "cancel" | "lease_lost" | undefined;
  let isFenced = false;
  /** It was ended because it could tell nothing any more. */
  let isMute = false;
  let cancelMute = (): void => {};
  let number = 0;
  let stderr = "";
  const full = new Set<"lines" | "log">();

  const room = (what: "lines" | "log") => (hasRoom: boolean) => {
    if (hasRoom) full.delete(what);
    else full.add(what);
    flow();
  };
  const log = deps.openLog({ onRoom: room("log") });
  const store = deps.openStore({
    onRoom: room("lines"),
    onStored: (lines) => deps.onLines("stored", lines),
    onRefused: (line, reason) => refuse(line.number, reason),
    onFenced: () => {
      isFenced = true;
      end("lease_lost");
    },
  });

  /** Lines wait in the pipe, and the process in its write, while too much waits for PostgreSQL. */
  function flow(): void {
    if (child === undefined) return;
    child.stdout[full.size === 0 ? "resume" : "pause"]();
    child.stderr[full.has("log") ? "pause" : "resume"]();
  }

  function refuse(line: number, reason: string): void {
    log.refused(`line ${line} is no event: ${reason}`);
    deps.onLines("refused", 1);
  }

  function onStdout(bytes: Buffer | undefined): void {
    number++;
    const line = readLine(bytes, sensor);
    if (line.kind === "refused") refuse(number, line.reason);
    else if (line.kind === "cursor") store.pushCursor(line.cursor);
    else if (line.kind === "event")
      store.push({ number, bytes: bytes as Buffer, event: line.event, cursor: line.cursor });
  }

  function onStdoutEnd(): void {
    cancelMute = deps.timers.after(CLOSED_GRACE_MS, () => {
      if (child === undefined || stopping !== undefined) return;
      isMute = true;
      log.write("yard", "it has closed its stdout, and can tell nothing any more: it is ended");
      child.stop("cancel");
    });
  }

  function onStderr(bytes: Buffer | undefined): void {
    if (bytes === undefined)
      return log.write("yard", "a line of stderr of more than 1 MiB was left out");
    const text = bytes.toString("utf8").replaceAll("\0", "\uFFFD");
    stderr = `${stderr}${text}\n`.slice(-STDERR_TAIL_CHARS);
    log.write("stderr", text);
  }

  function end(why: "cancel" | "lease_lost"): void {
    if (stopping === "lease_lost" || stopping === why) return;
    stopping = why;
    if (why === "cancel") child?.stop("cancel");
    else if (child !== undefined) {
      child.stop("lease_lost");
      child.kill();
    }
  }

  async function live(): Promise<SensorRunEnd> {
    let work: string | undefined;
    let isSuspect = false;
    try {
      work = deps.workFolders.take();
      const packFolder = await deps.packFolder(sensor.packDigest);
      if (stopping !== undefined) return { kind: "stopped" };
      const greeting = { sensor: sensor.ref, config: sensor.config, cursor, events: listened };
      const started = await deps.start({
        spec: sensor.process,
        packFolder,
        workFolder: work,
        marks: { YARD_SESSION: session, YARD_SENSOR: sensor.ref },
        greeting: `${JSON.stringify(greeting)}\n`,
        onStdout,
        onStderr,
        onStdoutEnd,
      });
      if ("code" in started) return await notStarted(started.message);
      isSuspect = true;
      return await attend(started);
    } catch (error) {
      return await notStarted(error instanceof Error ? error.message : String(error));
    } finally {
      if (work !== undefined) await deps.workFolders.giveBack(work, isSuspect);
    }
  }

  async function attend(started: LastingProcess): Promise<SensorRunEnd> {
    child = started;
    const startedMs = deps.monotonicMs();
    log.write("yard", `started, pid ${started.pid}`);
    const told = deps.onRunning(started.pid);
    flow();
    // Between its start and now it may have been told to stop.
    if (stopping !== undefined) child.stop(stopping);
    const ending = await started.ended;
    const ranMs = deps.monotonicMs() - startedMs;
    child = undefined;
    cancelMute();
    await store.idle();
    await told;
    // Whoever has it now writes its log too: "stopped" would stand behind the start of the process that runs.
    if (isFenced || stopping === "lease_lost") return { kind: "fenced" };
    if (stopping !== undefined) {
      log.write("yard", "stopped");
      await log.flush();
      return { kind: "stopped" };
    }
    const { exitCode: code, exitSignal: signal } = ending;
    const how = howItEnded(ending, isMute);
    const last = lastLines(stderr);
    log.write("yard", how);
    await log.flush();
    return { kind: "failed", code, signal, stderr: last, how, ranMs };
  }

  async function notStarted(message: string): Promise<SensorRunEnd> {
    log.write("yard", message);
    await log.flush();
    return stopping === undefined
      ? {
          kind: "failed",
          code: null,
          signal: null,
          stderr: message,
          how: `cannot be started: ${message}`,
          ranMs: 0,
        }
      : { kind: "stopped" };
  }

  const ended = live();
  return {
    stop(why) {
      if (stopping !== undefined) return;
      log.write("yard", `stopping: ${why}`);
      end("cancel");
    },
    hurry: () => child?.kill(),
    giveUp() {
      const left = store.abandon();
      end("lease_lost");
      return left;
    },
    ended,
  };
}

type Ending = Awaited<LastingProcess["ended"]>;

function howItEnded({ exitCode, exitSignal, lost }: Ending, isMute: boolean): string {
  if (lost) return "was lost: the spawner that had started it ended before it";
  if (isMute) return "had closed its stdout and could tell nothing any more, so it was ended";
  return exitSignal === null
    ? `ended by itself with code ${exitCode}`
    : `was ended by ${exitSignal}`;
}
