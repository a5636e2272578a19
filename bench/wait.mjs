// Waiting for another program, bounded in time.
import { setTimeout as delay } from "node:timers/promises";

/** Asks `check` every `everyMs` until it answers something, at most `timeoutMs`; `what` names it. */
export async function until(what, check, { timeoutMs = 30_000, everyMs = 20 } = {}) {
  const deadline = performance.now() + timeoutMs;
  let lastError;
  while (performance.now() < deadline) {
    try {
      const answer = await check();
      if (answer) return answer;
    } catch (error) {
      if (error.fatal) throw error;
      lastError = error;
    }
    await delay(everyMs);
  }
  throw new Error(`${what}: nothing within ${timeoutMs} ms`, { cause: lastError });
}

/** `check` for `until`: fails at once when the program has ended. */
export function alive(program, check) {
  return () => {
    if (program.child.exitCode === null && program.child.signalCode === null) return check();
    throw Object.assign(new Error(`ended early:\n${program.output()}`), { fatal: true });
  };
}
