/** Lets one waiter sleep until something happens; what happens in between is not lost and not counted. */
export interface WakeUp {
  wake(): void;
  /** Resolves when woken since the last wait, but not within `minMs`, and after `maxMs` in any case. */
  wait(limits: {
    readonly minMs: number;
    readonly maxMs: number;
    readonly signal: AbortSignal;
  }): Promise<void>;
}

export function createWakeUp(): WakeUp {
  let isAwake = false;
  let onWake = () => {};
  return {
    wake: () => {
      isAwake = true;
      onWake();
    },
    wait: async ({ minMs, maxMs, signal }) => {
      await pause(minMs, signal);
      if (!isAwake) {
        const woken = new Promise<void>((done) => {
          onWake = done;
        });
        await pause(maxMs - minMs, signal, woken);
      }
      isAwake = false;
    },
  };
}

/** Resolves after `ms`, or with `earlier`; rejects with the signal's reason. */
export async function pause(
  ms: number,
  signal: AbortSignal,
  earlier?: Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  const slept = new Promise<void>((done, fail) => {
    timer = setTimeout(done, ms);
    onAbort = () => fail(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    await (earlier === undefined ? slept : Promise.race([slept, earlier]));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
