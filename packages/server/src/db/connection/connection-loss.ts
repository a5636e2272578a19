import { setTimeout as delay } from "node:timers/promises";
import { failureCode } from "@yardmaster/protocol";

const SOCKET_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EAI_AGAIN",
]);

/**
 * What PostgreSQL says while it goes down, recovers or starts, and where it ends a session that was idle or in one
 * transaction for too long (class 08 is matched by its prefix).
 */
const SERVER_CODES = new Set(["57P01", "57P02", "57P03", "57P05", "25P03", "25P04"]);

/** `pg` gives these no code. */
const DRIVER_MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded when trying to connect|Query read timeout)/;

/** Why PostgreSQL takes no writes: the same work goes through when it has room (class 53), or is the primary, again. */
const STANDSTILLS: Readonly<Record<string, string>> = {
  "25006":
    "PostgreSQL takes no writes: it is a standby, or read-only; lead DATABASE_URL to the primary, or try again",
  "53100": "PostgreSQL's disk is full; make room there, and try again",
  "53200": "PostgreSQL is out of memory; try again",
  "53300": "PostgreSQL has no connection left; raise max_connections, or try again",
};

/** What to tell about an error that says that PostgreSQL takes no writes now; undefined for all others. */
export function standstillOf(error: unknown): string | undefined {
  const code = failureCode(error);
  if (code === undefined) return undefined;
  const other = /^53...$/.test(code) ? "PostgreSQL has run out of resources; try again" : undefined;
  return STANDSTILLS[code] ?? other;
}

/** True when an error says that PostgreSQL has no room: on its disk, in its memory, for a connection. */
export function isOutOfRoom(error: unknown): boolean {
  return /^53...$/.test(String(failureCode(error)));
}

/** Why connections could not be made. */
const failedConnects = new WeakSet<object>();

/** Marks, and gives back, what kept a connection from being made: nothing was sent over it, whatever the reason. */
export function failedConnect<E>(error: E): E {
  if (typeof error === "object" && error !== null) failedConnects.add(error);
  return error;
}

/**
 * True when an error says that PostgreSQL was out of reach, went away, refused a connection, has no room or takes no
 * writes, so that the same work may be sent again on a new connection. Whether a statement that was in flight took
 * effect is unknown: only what is idempotent may be repeated.
 */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionLoss);
  return isPassing(error) || isFailedConnect(error);
}

/** True where no connection is made until somebody sets something right: a password, a name, a certificate. */
export function isRefusal(error: unknown): boolean {
  return isFailedConnect(error) && !isPassing(error);
}

function isFailedConnect(error: unknown): boolean {
  return typeof error === "object" && error !== null && failedConnects.has(error);
}

function isPassing(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isPassing);
  if (!(error instanceof Error)) return false;
  const code = failureCode(error);
  if (code === undefined) return DRIVER_MESSAGES.test(error.message);
  // A unix socket that is not there yet is a missing file.
  if (code === "ENOENT") return "syscall" in error && error.syscall === "connect";
  if (SOCKET_CODES.has(code) || SERVER_CODES.has(code)) return true;
  return /^08...$/.test(code) || standstillOf(error) !== undefined;
}

/** Somebody, or a timeout or a lock between sessions, broke the statement off: nothing of it took effect. */
const INTERRUPTIONS = new Set(["57014", "40001", "40P01", "55P03"]);

/** True when a statement was broken off, which may say that it takes too long: the same may be sent again, or less of it. */
export function isInterruption(error: unknown): boolean {
  const code = failureCode(error);
  return code !== undefined && INTERRUPTIONS.has(code);
}

export interface RetryOptions {
  /** Gives up (with the last error) when no attempt has succeeded for so long. Default: never. */
  readonly maxWaitMs?: number | undefined;
  /** Called for each lost attempt, before the wait. */
  readonly onLoss?: ((error: unknown, waitMs: number) => void) | undefined;
  /** Of a loss: that nothing is gained by waiting. */
  readonly isFinal?: ((error: unknown) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 1000;

/**
 * Runs `work` until it ends in something else than a lost connection, waiting 10 ms, then twice as long each
 * time up to 1 s. `work` must be idempotent. Other errors and an abort pass through.
 */
export async function retryOnConnectionLoss<T>(
  work: () => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const deadline = performance.now() + (options.maxWaitMs ?? Number.POSITIVE_INFINITY);
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    options.signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const isFinal = !isConnectionLoss(error) || options.isFinal?.(error) === true;
      if (isFinal || performance.now() + waitMs > deadline) throw error;
      options.onLoss?.(error, waitMs);
    }
    await delay(waitMs, undefined, options.signal ? { signal: options.signal } : {}).catch(() =>
      options.signal?.throwIfAborted(),
    );
  }
}
