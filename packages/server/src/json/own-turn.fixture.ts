import { expect, vi } from "vitest";

/** Does something that reads a large text, and expects it to wait for a turn of its own before it does. */
export async function inOwnTurn<T>(work: () => Promise<T>): Promise<T> {
  const held: (() => void)[] = [];
  const { setImmediate: pass } = globalThis;
  const turns = vi.spyOn(globalThis, "setImmediate");
  const asked = new Promise<"asked">((resolve) => {
    turns.mockImplementation(((begin: () => void) => {
      // Libraries ask for turns too.
      if (new Error().stack?.includes("own-turn.ts") !== true) return pass(begin);
      held.push(begin);
      resolve("asked");
      return undefined;
    }) as never);
  });
  let done: Promise<T>;
  try {
    done = work();
    expect(await Promise.race([asked, done])).toBe("asked");
  } finally {
    turns.mockRestore();
    for (const begin of held) setImmediate(begin);
  }
  return await done;
}
