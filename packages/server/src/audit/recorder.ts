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
  patientMs: 20,
  closeMs: 5_000,
};

export interface Recorder {
  /** Resolves when the entry is durable. @throws AppError `unavailable` */
  keep(body: AuditBody): Promise<void>;
  /** The same for an entry that nobody waits for: it holds up none that somebody does, and shares a commit where it can. */
  keepPatiently(body: AuditBody): Promise<void>;
  /** Writes what waits, then ends the connection; what PostgreSQL does not take in time is refused. */
  close(): Promise<void>;
}

interface Entry extends Waiting {
  readonly isPatient: boolean;
}

/**
 * Group commit: one append at a time takes all that has gathered while the one before was under way, so an idle server
 * pays no delay and a busy one shares the commit. An append that begins from rest leaves out what nobody waits for: the
 * end of a call would cost the beginning of the next an eighth of its time.
 */
export function createRecorder(
  deps: RecorderDeps,
  limits: RecorderLimits = RECORDER_LIMITS,
): Recorder {
  const writer: ChainWriter = createChainWriter(deps, limits);
  let waiting: Entry[] = [];
  let isWriting = false;
  let isStarting = false;
  let isClosed = false;
  let onIdle: (() => void) | undefined;
  let patience: NodeJS.Timeout | undefined;
  let isPatienceOver = false;

  function keep(body: AuditBody): Promise<void> {
    const kept = add(body, false);
    startSoon();
    return kept;
  }

  function keepPatiently(body: AuditBody): Promise<void> {
    const kept = add(body, true);
    patience ??= setTimeout(losePatience, limits.patientMs);
    return kept;
  }

  function losePatience(): void {
    isPatienceOver = true;
    startSoon();
  }

  function add(body: AuditBody, isPatient: boolean): Promise<void> {
    const refusal = refusalOf();
    if (refusal !== undefined) return Promise.reject(new AppError("unavailable", refusal));
    return new Promise((resolve, reject) => {
      waiting.push({
        body,
        text: canonicalText(body),
        resolve: () => resolve(),
        reject,
        again: false,
        isPatient,
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
    if (isStarting || isWriting) return;
    isStarting = true;
    setImmediate(() => {
      isStarting = false;
      if (!isWriting) void writeOn();
    });
  }

  async function writeOn(): Promise<void> {
    isWriting = true;
    for (let isFirst = true; isDue(); isFirst = false) {
      const kept = await writer.append(take(isFirst && !isPatienceOver));
      if (kept.length > 0) deps.onKept(kept);
    }
    isWriting = false;
    onIdle?.();
  }

  function isDue(): boolean {
    return waiting.some(({ isPatient }) => isPatienceOver || !isPatient);
  }

  function take(withoutPatient: boolean): Entry[] {
    const due = withoutPatient ? waiting.filter(({ isPatient }) => !isPatient) : waiting;
    let bytes = 0;
    let count = 0;
    for (const { text } of due) {
      bytes += text.length;
      if (count === limits.maxEntries || (count > 0 && bytes > limits.maxBytes)) break;
      count++;
    }
    const batch = due.slice(0, count);
    const taken = new Set(batch);
    waiting = waiting.filter((entry) => !taken.has(entry));
    if (waiting.length === 0) bePatient();
    return batch;
  }

  function bePatient(): void {
    clearTimeout(patience);
    patience = undefined;
    isPatienceOver = false;
  }

  async function idle(): Promise<void> {
    if (waiting.length === 0 && !isWriting) return;
    losePatience();
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
