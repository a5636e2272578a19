import type { LogLine, Run } from "@yardmaster/protocol";
import { isAppError, isFinal } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { RunView } from "../run-tree/run-changes.ts";
import { createWakeUp, pause } from "./wake-up.ts";

export interface RunWatcher {
  /** A new look; the last one shows the run's end. */
  onView(view: RunView): void;
  onLog(line: LogLine): void;
  /** The run has ended, and not all of its log was told. */
  onLogCut(): void;
  /** The server could not be reached; it is looked for again until it is back. */
  onAway(): void;
  onBack(): void;
}

/** Between two looks, however fast the run moves: nobody reads faster. */
const MIN_LOOK_MS = 100;
/** Without a hint, as the stream may be down. */
const MAX_LOOK_MS = 3_000;
/** After a look that failed: the server may be back. */
const FAILED_LOOK_MS = 500;
/** How long nothing may come of the log of an ended run: longer than the client rests before it connects again, 10 s. */
const LOG_GRACE_MS = 12_000;

/**
 * Looks at a run again when it changes until it has ended, and follows its logs beside. Outlives a server that goes
 * away and comes back. An abort of `signal` is thrown as its reason and does nothing to the run.
 */
export async function watchRun(
  client: Client,
  runId: string,
  watcher: RunWatcher,
  signal: AbortSignal,
): Promise<Run> {
  let run = await look(client, runId, watcher, signal);
  const stop = new AbortController();
  const whileWatching = AbortSignal.any([stop.signal, signal]);
  const wakeUp = createWakeUp();
  const hints = quietly(async () => {
    const changes = client.stream({ run: runId }, { signal: whileWatching });
    for await (const _change of changes) wakeUp.wake();
  });
  const log = { pieces: 0, hasEnded: false };
  const logs = quietly(async () => {
    const lines = client.runs.logs(runId, { follow: true, signal: whileWatching });
    for await (const line of lines) {
      log.pieces++;
      watcher.onLog(line);
    }
    log.hasEnded = true;
  });
  try {
    let isAway = false;
    while (!isFinal(run.status)) {
      const maxMs = isAway ? FAILED_LOOK_MS : MAX_LOOK_MS;
      await wakeUp.wait({ minMs: MIN_LOOK_MS, maxMs, signal });
      const seen = await lookAgain(client, runId, watcher, signal);
      run = seen ?? run;
      const isGone = seen === undefined;
      if (isGone !== isAway) isGone ? watcher.onAway() : watcher.onBack();
      isAway = isGone;
    }
    for (let seen = -1; !log.hasEnded && seen < log.pieces; ) {
      seen = log.pieces;
      await pause(LOG_GRACE_MS, signal, logs);
    }
    if (!log.hasEnded) watcher.onLogCut();
    return run;
  } finally {
    stop.abort();
    await Promise.all([hints, logs]);
  }
}

/** The run before its steps: when the run has ended, steps that are read after it have ended too. */
async function look(
  client: Client,
  runId: string,
  watcher: RunWatcher,
  signal: AbortSignal,
): Promise<Run> {
  const run = await client.runs.get(runId, { signal });
  watcher.onView({ run, steps: await client.runs.steps(runId, { signal }) });
  return run;
}

/** Undefined while the server is away; the next look may find it again. */
async function lookAgain(
  client: Client,
  runId: string,
  watcher: RunWatcher,
  signal: AbortSignal,
): Promise<Run | undefined> {
  try {
    return await look(client, runId, watcher, signal);
  } catch (error) {
    if (!isAppError(error) || !["unavailable", "internal"].includes(error.code)) throw error;
    return undefined;
  }
}

/** The hints and the logs are extras: a watch without them still ends with the run. */
async function quietly(work: () => Promise<void>): Promise<void> {
  await work().catch(() => {});
}
