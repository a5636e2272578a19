import type { Check } from "@yardmaster/protocol";

/** Names of what is looked at stand before the dot, what of it behind: `postgres.version`. */
export function ok(check: string, summary: string): Check {
  return { check, status: "ok", summary, advice: null };
}

/** It goes on for now. */
export function warn(check: string, summary: string, advice: string): Check {
  return { check, status: "warn", summary, advice };
}

/** Something does not work, or will not for long. */
export function bad(check: string, summary: string, advice: string): Check {
  return { check, status: "bad", summary, advice };
}

/** Whoever asks the doctor of a PostgreSQL that is frozen waits no longer. */
const LOOK_WITHIN_MS = 10_000;

/** What a look gave; one that broke or does not end is told as such, so that it hides no other. */
export async function looked(
  check: string,
  look: () => Promise<readonly Check[]> | readonly Check[],
  withinMs = LOOK_WITHIN_MS,
): Promise<readonly Check[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const what = new Error(`there was no answer within ${withinMs / 1_000} s`);
    timer = setTimeout(() => reject(what), withinMs);
  });
  try {
    return await Promise.race([look(), late]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [bad(check, `could not be checked: ${message}`, "see the message, then look again")];
  } finally {
    clearTimeout(timer);
  }
}

/** A number of things, in words. */
export function count(number: number, what: string, many = `${what}s`): string {
  return `${number} ${number === 1 ? what : many}`;
}
