import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@yardmaster/protocol";
import { type AuditBody, canonicalText } from "./canonical.ts";
import {
  type ChainWriter,
  createChainWriter,
  type KeptEntry,
  type Waiting,
  type WriterDeps,
  type WriterLimits,
} from "./chain-writer.ts";

export interface RecorderDeps extends WriterDeps {
  /** Told of what has become durable, in the order of the chain. */
  readonly onKept: (entries: readonly KeptEntry[]) => void;
}

export interface RecorderLimits extends WriterLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxWaiting: number;
  /** How long an entry that nobody waits for may stay for others to share its commit. */
  readonly patientMs: number;
  /** How long a close waits for PostgreSQL. */
  readonly closeMs: number;
}

export const RECORDER_LIMITS: RecorderLimits = {
  // The head is locked for as long as one append takes; other processes wait for that.
  maxEntries: 256,
  maxBytes: 1024 * 1024,
  maxWaiting: 20_000,
  beginPatienceMs: 10_000,
  reconnectMs: 100,
  // The end of a call then shares the commit of the next one's beginning.
  patientMs: 20,
  closeMs: 5_000,
};

export interface Recorder {
  /** Resolves when the entry is durable. @throws AppError `unavailable` */
  keep(body: AuditBody): Promise<void>;
  /** The same for an entry that nobody waits for: it goes with the next that somebody does, or by itself a little later. */
  keepPatiently(body: AuditBody): Promise<void>;
  /** Writes what waits, then ends the connection; what PostgreSQL does not take in time is refused. */
  close(): Promise<void>;
}

/**
 * Group commit: one append at a time takes all that has gathered while the one before was under way, so an idle server
 * pays no delay and a busy one shares the commit.
 */
export function createRecorder(
  deps: RecorderDeps,
  limits: RecorderLimits = RECORDER_LIMITS,
): Recorder {
  const writer: ChainWriter = createChainWriter(deps, limits);
  let waiting: Waiting[] = [];
  let isWriting = false;
  let isStarting = false;
  let isClosed = false;
  let onIdle: (() => void) | undefined;
  let patience: NodeJS.Timeout | undefined;

  function keep(body: AuditBody): Promise<void> {
    const kept = add(body);
    startSoon();
    return kept;
  }

  function keepPatiently(body: AuditBody): Promise<void> {
    const kept = add(body);
    patience ??= setTimeout(startSoon, limits.patientMs);
    return kept;
  }

  function add(body: AuditBody): Promise<void> {
    const refusal = refusalOf();
    if (refusal !== undefined) return Promise.reject(new AppError("unavailable", refusal));
    return new Promise((resolve, reject) => {
      waiting.push({
        body,
        text: canonicalText(body),
        resolve: () => resolve(),
        reject,
        again: false,
      });
    });
  }

  function refusalOf(): string | undefined {
    if (isClosed) return "The server is stopping; try again.";
    if (waiting.length < limits.maxWaiting) return undefined;
    return `${waiting.length} entries of the audit wait for PostgreSQL already; try again later.`;
  }

  /** After the current round of I/O: what arrived together commits together. */
  function startSoon(): void {
    clearTimeout(patience);
    patience = undefined;
    if (isStarting || isWriting) return;
    isStarting = true;
    setImmediate(() => {
      isStarting = false;
      if (!isWriting) void writeOn();
    });
  }

  async function writeOn(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const kept = await writer.append(take());
      if (kept.length > 0) deps.onKept(kept);
    }
    isWriting = false;
    onIdle?.();
  }

  function take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { text } of waiting) {
      bytes += text.length;
      if (count === limits.maxEntries || (count > 0 && bytes > limits.maxBytes)) break;
      count++;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  }

  async function idle(): Promise<void> {
    startSoon();
    if (!isWriting && waiting.length === 0) return;
    await new Promise<void>((resolve) => {
      onIdle = resolve;
    });
  }

  return {
    keep,
    keepPatiently,
    async close() {
      isClosed = true;
      writer.giveUpAfter(limits.closeMs);
      // A PostgreSQL that took a statement and never answers must not hold up the end.
      await Promise.race([idle(), delay(2 * limits.closeMs, undefined, { ref: false })]);
      await writer.close();
    },
  };
}
