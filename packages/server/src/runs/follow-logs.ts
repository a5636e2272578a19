import { setTimeout as delay } from "node:timers/promises";
import { isAppError, type LogCut } from "@yardmaster/protocol";
import { isConnectionLoss } from "../db/index.ts";
import type { Engine } from "../engine/index.ts";

const LOOK_EVERY_MS = 250;
const PAGE = 100;
/** Longer than any run that somebody watches; then it is waited for again. */
const WAIT_MS = 3_600_000;

export interface FollowOptions {
  readonly step?: string;
  readonly after?: string;
  readonly tail?: number;
  readonly raw?: boolean;
  readonly signal: AbortSignal;
}

/**
 * The log of a run as JSON lines, as it is written; ends when the run has ended and all of it was given. What ends
 * before has a last line that says why: a `LogCut`.
 */
export async function* followLogs(
  engine: Engine,
  runId: string,
  { signal, after, tail, ...filter }: FollowOptions,
): AsyncGenerator<string> {
  const leaving = new AbortController();
  const stop = AbortSignal.any([signal, leaving.signal]);
  const end = waitForEnd(engine, runId, stop);
  // Its failure is told by the race below, unless the reading fails or ends first: then nobody is left to tell.
  end.catch(() => undefined);
  let cursor = after;
  /** Of the first read alone: what is written from then on is given whole. */
  let start = tail === undefined ? {} : { tail };
  let ended = false;
  try {
    for (;;) {
      // Asked before the read: what is read after the end is all there is.
      const isLast = ended;
      for (;;) {
        const lines = await engine.logs(runId, {
          ...filter,
          ...(cursor === undefined ? start : { after: cursor }),
          limit: PAGE,
        });
        start = {};
        cursor = lines.at(-1)?.cursor ?? cursor;
        if (lines.length > 0) yield lines.map((line) => `${JSON.stringify(line)}\n`).join("");
        if (lines.length < PAGE || signal.aborted) break;
      }
      if (isLast) return;
      if (signal.aborted) {
        yield cutLine(cutBy(signal));
        return;
      }
      ended = await Promise.race([end, pause(stop)]);
    }
  } catch (error) {
    if (!isConnectionLoss(error)) throw error;
    yield cutLine(unavailable("The database is out of reach"));
  } finally {
    leaving.abort();
  }
}

/** True when the run has ended; false when it was not waited for to the end. */
async function waitForEnd(engine: Engine, runId: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if ((await engine.waitForEnd(runId, WAIT_MS, signal)) !== undefined) return true;
    if ((await engine.run(runId)) === undefined) return true;
  }
  return false;
}

async function pause(signal: AbortSignal): Promise<false> {
  await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  return false;
}

/** For a follower that does not read what it is sent. */
export function lastWords(): string {
  return cutLine(unavailable("What was sent was not read in time"));
}

function cutBy({ reason }: AbortSignal): LogCut {
  return isAppError(reason)
    ? { type: "cut", code: reason.code, reason: reason.message }
    : unavailable("The server is stopping");
}

function unavailable(reason: string): LogCut {
  return { type: "cut", code: "unavailable", reason };
}

function cutLine(cut: LogCut): string {
  return `${JSON.stringify(cut)}\n`;
}
