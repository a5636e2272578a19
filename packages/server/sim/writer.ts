import type { Sent, Unit, UnitOutcome } from "../src/engine/commit/flush.ts";
import { ConnectionLost } from "./network.ts";
import type { World } from "./world.ts";

const LANES = 2;
const RECONNECT_MS = 100;

interface Waiting {
  readonly unit: Unit;
  readonly resolve: (outcome: UnitOutcome) => void;
  readonly reject: (error: unknown) => void;
  again: boolean;
}

export interface Writer {
  submit(unit: Unit): Promise<UnitOutcome>;
  /** Resolves when nothing waits. */
  close(): Promise<void>;
}

/**
 * The commit queue over the model store: what gathers while both lanes are busy goes together, what was sent over a
 * lost connection is sent again, and a batch that fails is split.
 */
export function createWriter(
  write: (batch: readonly Sent[]) => Promise<UnitOutcome[]>,
  after: World["after"],
): Writer {
  let waiting: Waiting[] = [];
  let busy = 0;

  let onIdle: (() => void) | undefined;

  function start(): void {
    if (busy === 0 && waiting.length === 0) onIdle?.();
    if (busy === LANES || waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    busy++;
    void flush(batch).then(() => {
      busy--;
      start();
    });
  }

  async function flush(batch: readonly Waiting[]): Promise<void> {
    for (;;) {
      try {
        const outcomes = await write(batch);
        for (const [i, entry] of batch.entries()) entry.resolve(outcomes[i] as UnitOutcome);
        return;
      } catch (error) {
        if (!(error instanceof ConnectionLost)) return await split(batch, error);
        for (const entry of batch) entry.again = true;
        await new Promise<void>((resolve) => after(RECONNECT_MS, resolve));
      }
    }
  }

  async function split(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (batch.length === 1) return batch[0]?.reject(error);
    const middle = batch.length >> 1;
    await flush(batch.slice(0, middle));
    await flush(batch.slice(middle));
  }

  return {
    submit: (unit) =>
      new Promise((resolve, reject) => {
        waiting.push({ unit, resolve, reject, again: false });
        after(0, start);
      }),
    close: () =>
      new Promise((resolve) => {
        onIdle = resolve;
        start();
      }),
  };
}
