import type { SensorDefinition } from "@yardmaster/kernel";
import type { SensorExit } from "@yardmaster/protocol";
import type { Change, RunningEngine, Timers } from "../../engine/index.ts";
import type { Claimed, FailedRun, Fenced } from "../sensors.store.ts";
import { ALERT_AFTER, afterFailure, WELL_AFTER_MS } from "./back-off.ts";
import { failurePart } from "./failure-part.ts";
import type { SensorRun, SensorRunEnd } from "./sensor-run.ts";

export interface HoldDeps {
  readonly engine: Pick<RunningEngine, "commit">;
  readonly store: {
    stopping(of: Fenced): Promise<void>;
    recovered(of: Fenced): Promise<void>;
    /** Waits for PostgreSQL. */
    release(of: Fenced, reason: string): Promise<void>;
  };
  readonly timers: Timers;
  readonly now: () => number;
  readonly log: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
  };
  readonly onError: (error: unknown, what: string) => void;
}

export interface Holding extends Fenced {
  readonly sensor: SensorDefinition;
  /** Types of which it was told that they are wanted. */
  readonly listened: readonly string[];
  readonly claimed: Claimed;
  readonly run: SensorRun;
}

/** A sensor that this process has: it runs, or rests after a failure, until it is stopped or lost. */
export interface HeldSensor extends Omit<Holding, "run"> {
  /** It is being stopped, or was lost. */
  isEnding(): boolean;
  /** In order; then it is nobody's. */
  stop(why: string): void;
  /** It has another process by now, or nobody can say: its process here ends at once, and nothing is written. */
  lose(): void;
  /** Ends the grace of a stop. */
  hurry(): void;
  /** Nothing of it is left here: it may be taken anew. Never rejects. */
  readonly gone: Promise<void>;
}

export function holdSensor(deps: HoldDeps, holding: Holding): HeldSensor {
  const { engine, store, timers, log, onError } = deps;
  const { ref, fence, sensor, listened, claimed } = holding;
  const of = { ref, fence };
  let run: SensorRun | undefined = holding.run;
  let { failures, alerted } = claimed;
  let stopping: string | undefined;
  let isLost = false;
  /** How its process ended is being written. */
  let isSettling = false;
  let tellGone = (): void => {};
  const gone = new Promise<void>((resolve) => {
    tellGone = resolve;
  });
  let cancelTimer = timers.after(WELL_AFTER_MS, recovered);
  void run.ended.then(ended);

  function recovered(): void {
    if (failures === 0 && !alerted) return;
    failures = 0;
    alerted = false;
    log.info({ sensor: ref }, "sensor runs well again");
    store
      .recovered(of)
      .catch((error: unknown) => onError(error, "that a sensor is well could not be noted"));
  }

  function stop(why: string): void {
    if (stopping !== undefined || isLost) return;
    stopping = why;
    cancelTimer();
    log.info({ sensor: ref, why }, "sensor stops");
    if (run === undefined) {
      if (!isSettling) void free(why);
      return;
    }
    run.stop(why);
    store
      .stopping(of)
      .catch((error: unknown) => onError(error, "that a sensor is stopping could not be noted"));
  }

  async function free(why: string): Promise<void> {
    await store
      .release(of, why)
      .catch((error: unknown) => onError(error, "a sensor could not be released"));
    tellGone();
  }

  function lose(): void {
    if (isLost) return;
    isLost = true;
    cancelTimer();
    if (run === undefined) return tellGone();
    const lines_lost = run.giveUp();
    log.warn(
      { sensor: ref, lines_lost },
      "a sensor is not this worker's any more; its process here is ended",
    );
  }

  async function ended(end: SensorRunEnd): Promise<void> {
    cancelTimer();
    run = undefined;
    if (isLost) tellGone();
    else if (end.kind === "fenced") lose();
    else if (stopping !== undefined) await free(stopping);
    else if (end.kind === "failed") await failed(end);
  }

  async function failed(end: SensorRunEnd & { kind: "failed" }): Promise<void> {
    const next = afterFailure({ failures, alerted }, end.ranMs);
    ({ failures, alerted } = next);
    const row = failedRun(end, next);
    tellFailure(row, next.isAlert);
    isSettling = true;
    const isOwn = await note(row, next.isAlert ? [failingChange(row, end.how)] : []);
    isSettling = false;
    if (isLost) return;
    if (stopping !== undefined) await free(stopping);
    else if (!isOwn) lose();
    // Then it is nobody's but by its row, and is taken like one that is new.
    else cancelTimer = timers.after(next.againInMs, tellGone);
  }

  function failedRun(
    { code, signal, stderr, how }: SensorRunEnd & { kind: "failed" },
    { againInMs }: { readonly againInMs: number },
  ): FailedRun {
    const exit: SensorExit = { code, signal, stderr, at: new Date(deps.now()).toISOString() };
    const times = failures === 1 ? "" : `, ${failures} times in a row`;
    const reason = `it ${how}${times}; it is started again ${againInMs / 1_000} s later`;
    return { ...of, failures, alerted, exit, reason, againInMs };
  }

  function tellFailure({ exit, againInMs }: FailedRun, isAlert: boolean): void {
    const { code, signal, stderr } = exit;
    const details = { sensor: ref, failures, code, signal, stderr, again_in_ms: againInMs };
    if (isAlert) log.warn(details, `a sensor has failed ${ALERT_AFTER} times in a row`);
    else log.info(details, "sensor ended by itself");
  }

  /** False: it has another process by now, or that cannot be told. */
  async function note(row: FailedRun, announce: readonly Change[]): Promise<boolean> {
    try {
      const unit = { part: { kind: failurePart, row }, runs: [], announce };
      return (await engine.commit(unit)) === "done";
    } catch (error) {
      onError(error, "the end of a sensor could not be noted");
      return false;
    }
  }

  return {
    ...{ ref, fence, sensor, listened, claimed, gone, stop, lose },
    isEnding: () => stopping !== undefined || isLost,
    hurry: () => run?.hurry(),
  };
}

function failingChange({ ref, failures, exit }: FailedRun, how: string): Change {
  const { code, signal, stderr } = exit;
  return {
    ...{ type: "sensor.failing", id: ref, sensor: ref },
    ...{ failures, code, signal, reason: how, stderr },
  };
}
