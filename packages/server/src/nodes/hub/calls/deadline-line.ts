import type { Call } from "./call.types.ts";

/**
 * A node works off the calls of one shell in turn, and no more at once than it has slots. Base clients begin the timeout
 * of each only then, ours at its arrival. Here the clock of a call runs when those before it have ended: at worst late,
 * since the node keeps the time itself.
 */
export interface DeadlineLine {
  add(call: Call): void;
  ended(call: Call): void;
  /** The node has other slots now. */
  changed(): void;
}

export function createDeadlineLine(slots: () => number): DeadlineLine {
  /** Sent and not ended, in the order in which they were sent. */
  const calls = new Set<Call>();
  const armed = new Set<Call>();

  function armWhatMay(): void {
    if (armed.size === calls.size) return;
    const busy = new Set<string>();
    for (const call of calls) {
      const isBehind = call.shell !== undefined && busy.has(call.shell);
      if (call.shell !== undefined) busy.add(call.shell);
      if (isBehind || armed.has(call) || armed.size >= Math.max(1, slots())) continue;
      armed.add(call);
      call.arm();
    }
  }

  return {
    changed: armWhatMay,
    add(call) {
      calls.add(call);
      armWhatMay();
    },
    ended(call) {
      calls.delete(call);
      armed.delete(call);
      armWhatMay();
    },
  };
}
