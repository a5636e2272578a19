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
  /** The same for an entry that nobody waits for: neither being made nor being written holds up anybody. */
  keepPatiently(make: () => AuditBody): Promise<void>;
  /** Writes what waits, then ends the connection; what PostgreSQL does not take in time is refused. */
  close(): Promise<void>;
}

/** An entry that nobody waits for, and that is not made yet. */
interface Patient extends Pick<Waiting, "resolve" | "reject"> {
  readonly make: () => AuditBody;
}

/**
 * Group commit: one append at a time takes all that has gathered while the one before was under way, so an idle server
 * pays no delay and a busy one shares the commit. An append that begins from rest leaves out what nobody waits for: the
 * end of a call would hold up the beginning of the next.
 */
export function createRecorder(
  deps: RecorderDeps,
  limits: RecorderLimits = RECORDER_LIMITS,
): Recorder {
  const writer: ChainWriter = createChainWriter(deps, limits);
  let waiting: Waiting[] = [];
  let patient: Patient[] = [];
  let isWriting = false;
  let isStarting = false;
  let isClosed = false;
  let onIdle: (() => void) | undefined;
  let patience: NodeJS.Timeout | undefined;

  async function keep(body: AuditBody): Promise<void> {
    throwIfRefused();
    await new Promise<unknown>((resolve, reject) => {
      waiting.push(waitingOf(body, { resolve, reject }));
      startSoon();
    });
  }

  async function keepPatiently(make: () => AuditBody): Promise<void> {
    throwIfRefused();
    patience ??= setTimeout(losePatience, limits.patientMs);
    await new Promise<unknown>((resolve, reject) => {
      patient.push({ make, resolve, reject });
    });
  }

  function throwIfRefused(): void {
    if (isClosed) throw new AppError("unavailable", "The server is stopping; try again.");
    const count = waiting.length + patient.length;
    if (count < limits.maxWaiting) return;
    const detail = `${count} entries of the audit wait for PostgreSQL already; try again later.`;
    throw new AppError("unavailable", detail);
  }

  /** From now on nothing that waits is left out. */
  function losePatience(): void {
    clearTimeout(patience);
    patience = undefined;
    waiting.push(...patient.map(({ make, ...answers }) => waitingOf(make(), answers)));
    patient = [];
    startSoon();
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
    while (waiting.length > 0) {
      const kept = await writer.append(take());
      if (kept.length > 0) deps.onKept(kept);
      if (waiting.length > 0) losePatience();
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
    losePatience();
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

function waitingOf(body: AuditBody, answers: Pick<Waiting, "resolve" | "reject">): Waiting {
  return { body, text: canonicalText(body), again: false, ...answers };
}
