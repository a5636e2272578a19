import type { Log } from "../../db/index.ts";
import type { Refusals } from "./refusals.store.ts";

export interface RefusalsDeps {
  /** Adds to what is kept of a source. */
  readonly add: (refusals: Pick<Refusals, "source" | "count" | "reason">) => Promise<void>;
  readonly log: Pick<Log, "warn">;
}

/** Told of each webhook whose signature was refused. `source` must be the name of one that there is. */
export type NoteRefusal = (source: string, reason: string) => void;

/** Anybody can send what is refused: it costs the database one write in this time, and the log one line in a minute. */
const WRITE_EVERY_MS = 1_000;
const LOG_EVERY_MS = 60_000;

interface Noted {
  count: number;
  reason: string;
  /** Not in the log yet. */
  unlogged: number;
  timer: NodeJS.Timeout | undefined;
  loggedAtMs: number;
}

/** Counts refusals in memory and writes them down in the background; the first at once. */
export function createRefusals({ add, log }: RefusalsDeps): NoteRefusal {
  const noted = new Map<string, Noted>();

  function write(source: string, one: Noted): void {
    one.timer = undefined;
    const { count, reason } = one;
    if (count === 0) return;
    one.count = 0;
    one.timer = setTimeout(() => write(source, one), WRITE_EVERY_MS).unref();
    tell(source, one);
    add({ source, count, reason }).catch(() => {
      // The database is out of reach, which others tell; these go with the next.
      one.count += count;
    });
  }

  function tell(source: string, one: Noted): void {
    const nowMs = performance.now();
    if (nowMs - one.loggedAtMs < LOG_EVERY_MS) return;
    const { reason, unlogged } = one;
    log.warn({ source, reason, refused: unlogged }, "webhooks refused for their signature");
    one.loggedAtMs = nowMs;
    one.unlogged = 0;
  }

  return (source, reason) => {
    const one = noted.get(source) ?? {
      ...{ count: 0, reason, unlogged: 0, timer: undefined },
      loggedAtMs: Number.NEGATIVE_INFINITY,
    };
    noted.set(source, one);
    one.count++;
    one.unlogged++;
    one.reason = reason;
    if (one.timer === undefined) write(source, one);
  };
}
