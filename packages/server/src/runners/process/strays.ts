import { killWhere, type Marks } from "./orphans.ts";

/** A look reads the environment of every process of the machine, which takes about as long as starting twenty. */
const LOOK_EVERY_MS = 2_000;
/** On a machine with very many processes it looks less often: at most this part of the time. */
const SHARE_OF_TIME = 1 / 20;

/** Told of an attempt that has ended, how many of its processes were still there, and were killed. */
type Tell = (killed: number) => void;

interface Attempt {
  readonly entries: readonly string[];
  /** Processes of it that this one has started and waits for: its check, and its own. */
  running: number;
  /** It has ended since the last look. */
  tell?: Tell | undefined;
}

export interface Strays {
  /** A process of an attempt is about to be started; what is answered is called once it has ended. */
  begun(marks: Marks): (tell: Tell) => void;
  /** Resolves when what has ended until now left nothing behind. */
  close(): Promise<void>;
}

/**
 * Ends what attempts left running where nothing at their end spoke of it: a process that left their group by setsid
 * and holds none of their pipes. No attempt waits for that: all that have ended are looked after together.
 */
export function createStrays(lookEveryMs = LOOK_EVERY_MS): Strays {
  const attempts = new Map<string, Attempt>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let restUntilMs = 0;

  function attemptOf(marks: Marks): Attempt {
    const entries = Object.entries(marks).map(([name, value]) => `${name}=${value}`);
    const key = entries.join("\0");
    const known = attempts.get(key);
    if (known !== undefined) return known;
    const attempt: Attempt = { entries, running: 0 };
    attempts.set(key, attempt);
    return attempt;
  }

  /** Of an attempt that has another process by now nobody can tell whose is whose: it is looked after at its end. */
  const isOver = (attempt: Attempt): boolean => attempt.running === 0 && attempt.tell !== undefined;

  async function look(): Promise<void> {
    const over = [...attempts].filter(([, attempt]) => isOver(attempt));
    if (over.length === 0) return;
    // The session comes first, and attempts share it: of a thousand that have ended, each process is asked for one entry.
    const sessions = [...new Set(over.map(([, { entries }]) => entries[0] ?? ""))];
    const killed = await killWhere((has) =>
      sessions.some(has)
        ? over.find(([, attempt]) => isOver(attempt) && attempt.entries.every(has))
        : undefined,
    );
    const owners = [...killed.values()];
    for (const one of over) {
      const [key, attempt] = one;
      if (!isOver(attempt)) continue;
      attempts.delete(key);
      const count = owners.filter((owner) => owner === one).length;
      if (count > 0) attempt.tell?.(count);
    }
  }

  async function lookAndRest(): Promise<void> {
    const startedMs = performance.now();
    await look().catch(() => {}); // The next look has them too.
    const tookMs = performance.now() - startedMs;
    timer = undefined;
    if ([...attempts.values()].some(isOver)) lookIn(Math.max(lookEveryMs, tookMs / SHARE_OF_TIME));
    else restUntilMs = performance.now() + tookMs / SHARE_OF_TIME;
  }

  function lookIn(ms: number): void {
    timer ??= setTimeout(() => {
      looking = lookAndRest();
    }, ms).unref();
  }

  return {
    begun(marks) {
      const attempt = attemptOf(marks);
      attempt.running += 1;
      return (tell) => {
        attempt.running -= 1;
        attempt.tell = tell;
        lookIn(Math.max(lookEveryMs, restUntilMs - performance.now()));
      };
    },
    async close() {
      await looking;
      clearTimeout(timer);
      timer = undefined;
      await look();
    },
  };
}
