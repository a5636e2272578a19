import type { RunEvent } from "@yardmaster/kernel";
import type { Unit } from "../commit/flush.ts";
import type { KeptRun } from "./kept-run.ts";
import type { Posted } from "./posted.ts";

export interface Letter {
  readonly event: RunEvent;
  /** The end of an attempt that was never leased. */
  readonly waited?: boolean;
  /** The session of this process when it was told. */
  readonly session?: string;
  /** Rows of a feature that are committed with what the event brings about, and only then. */
  readonly part?: Unit["part"];
  readonly resolve: (posted: Posted) => void;
  readonly reject: (error: unknown) => void;
}

/** Of one live run. */
export interface Mailbox {
  letters: Letter[];
  working: boolean;
  /** As this process keeps it; undefined where it has to be folded anew. */
  run: KeptRun | undefined;
}

export interface MailboxesDeps {
  /** Resolves when all of them are answered. One that rejects answers them all. */
  readonly deliver: (runId: string, box: Mailbox, letters: readonly Letter[]) => Promise<void>;
  /** What must be over before more of the run is delivered, while it is under way. */
  readonly before: (runId: string) => Promise<unknown> | undefined;
}

/** Live runs kept in memory beyond those with work at hand; the rest is folded again when an event comes. */
const MAX_KEPT = 20_000;

/** One mailbox for each live run at hand: its letters are delivered in order, one delivery at a time. */
export function createMailboxes({ deliver, before }: MailboxesDeps) {
  const boxes = new Map<string, Mailbox>();
  let atWork = 0;
  let onRest: (() => void)[] = [];

  /** `kept`: the run, where the sender has it and nobody else does. */
  function post(
    runId: string,
    letter: Pick<Letter, "event" | "waited" | "session" | "part">,
    kept?: KeptRun,
  ): Promise<Posted> {
    return new Promise((resolve, reject) => {
      const box = boxes.get(runId) ?? { letters: [], working: false, run: kept };
      boxes.set(runId, box);
      // Before others make room for it: a box without letters is one that may go.
      box.letters.push({ ...letter, resolve, reject });
      evict();
      if (!box.working) void work(runId, box);
    });
  }

  async function work(runId: string, box: Mailbox): Promise<void> {
    box.working = true;
    atWork++;
    while (box.letters.length > 0) {
      const other = before(runId);
      if (other !== undefined) await other;
      const letters = takeLetters(box);
      try {
        await deliver(runId, box, letters);
      } catch (error) {
        box.run = undefined;
        for (const letter of letters) letter.reject(error);
      }
    }
    box.working = false;
    if (box.run === undefined) boxes.delete(runId);
    if (--atWork > 0) return;
    for (const rested of onRest) rested();
    onRest = [];
  }

  function evict(): void {
    if (boxes.size <= MAX_KEPT) return;
    for (const [id, box] of boxes) {
      if (!box.working && box.letters.length === 0) boxes.delete(id);
      if (boxes.size <= MAX_KEPT * 0.9) return;
    }
  }

  return {
    post,
    /** Keeps a run that has just been written. One with a mailbox works already, from the store, and must stay the only one. */
    keep(run: KeptRun): void {
      if (!boxes.has(run.id)) boxes.set(run.id, { letters: [], working: false, run });
      evict();
    },
    has: (runId: string): boolean => boxes.has(runId),
    /** Resolves when none has work: of a PostgreSQL that is away, when it is back. */
    async idle(): Promise<void> {
      while (atWork > 0) {
        await new Promise<void>((rested) => onRest.push(rested));
        // What the last ones have brought about is posted by then.
        await new Promise((next) => setImmediate(next));
      }
    },
    /** Drops all that have no work. */
    forget(): void {
      for (const [id, box] of boxes) if (!box.working) boxes.delete(id);
    },
  };
}

export type Mailboxes = ReturnType<typeof createMailboxes>;

/**
 * Everything that waits, but a cancel comes alone (see `advance`), and so do an end without the definition and what
 * brings rows of its own.
 */
function takeLetters(box: Mailbox): Letter[] {
  const at = box.letters.findIndex(
    ({ event: { type }, part }) =>
      part !== undefined || type === "cancel_requested" || type === "abandoned",
  );
  const count = at < 0 ? box.letters.length : Math.max(at, 1);
  return box.letters.splice(0, count);
}
