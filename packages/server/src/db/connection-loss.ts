import { setTimeout as delay } from "node:timers/promises";

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

/** What PostgreSQL says while it goes down, recovers or starts (class 08 is matched by its prefix). */
const SERVER_CODES = new Set(["57P01", "57P02", "57P03", "25P03"]);

/** `pg` gives these no code. */
const DRIVER_MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded when trying to connect|Query read timeout)/;

/** What PostgreSQL has run out of (class 53): the same work goes through when it has room again. */
const SHORTAGES: Readonly<Record<string, string>> = {
  "53100": "PostgreSQL's disk is full; make room there, and try again",
  "53200": "PostgreSQL is out of memory; try again",
  "53300": "PostgreSQL has no connection left; raise max_connections, or try again",
};

/** What to tell about an error that says that PostgreSQL has run out of something; undefined for all others. */
export function shortageOf(error: unknown): string | undefined {
  const { code } = error instanceof Error ? (error as { code?: unknown }) : {};
  if (typeof code !== "string" || !/^53...$/.test(code)) return undefined;
  return SHORTAGES[code] ?? "PostgreSQL has run out of resources; try again";
}

/**
 * True when an error says that PostgreSQL was out of reach, went away or has no room, so that the same work may be
 * sent again on a new connection. Whether a statement that was in flight took effect is unknown: only what is
 * idempotent may be repeated.
 */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionLoss);
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (typeof code !== "string") return DRIVER_MESSAGES.test(error.message);
  // A unix socket that is not there yet is a missing file.
  if (code === "ENOENT") return syscall === "connect";
  return SOCKET_CODES.has(code) || SERVER_CODES.has(code) || /^(08|53)...$/.test(code);
}

export interface RetryOptions {
  /** Gives up (with the last error) when no attempt has succeeded for so long. Default: never. */
  readonly maxWaitMs?: number | undefined;
  /** Called for each lost attempt, before the wait. */
  readonly onLoss?: ((error: unknown, waitMs: number) => void) | undefined;
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
      if (!isConnectionLoss(error) || performance.now() + waitMs > deadline) throw error;
      options.onLoss?.(error, waitMs);
    }
    await delay(waitMs, undefined, options.signal ? { signal: options.signal } : {});
  }
}
