import type pg from "pg";
import { clientConfig, connectClient, streamOf } from "./connection.ts";
import { busyBackends } from "./silence.store.ts";

/**
 * Finds connections whose statements nobody will answer: a network or a proxy between lost something and told nobody.
 * TCP itself gives up after about 15 minutes, and never where a proxy acknowledges; a write would wait that long, and
 * with it all others.
 */
export interface SilenceWatch {
  /** Looks after a connection until it ends. */
  add(client: pg.Client): void;
  close(): void;
}

export interface SilenceOptions {
  readonly url: string;
  /** A statement unanswered at two looks in a row is asked after. */
  readonly lookEveryMs?: number;
  readonly onDead: (count: number) => void;
}

/** Statements of ours take milliseconds: one that takes this long is rare, and asking after it costs one query. */
const LOOK_EVERY_MS = 2_000;

/** What the driver knows of a connection; not in its types. */
interface Insides {
  /** No statement is under way. */
  readonly readyForQuery: boolean;
  readonly processID: number;
}

/**
 * The one who knows is PostgreSQL: over a connection of its own it is asked whether the backends of the silent ones
 * are still at work. Those that are not, and all of them where nobody answers at all, are ended here, so that their
 * statements fail as on any lost connection.
 */
export function createSilenceWatch(options: SilenceOptions): SilenceWatch {
  const { url, lookEveryMs = LOOK_EVERY_MS, onDead } = options;
  /** What had been read of each when it was last seen waiting for an answer. */
  const waiting = new Map<pg.Client, number | undefined>();
  let asking = false;

  function look(): void {
    const silent: pg.Client[] = [];
    for (const [client, before] of waiting) {
      const now = awaited(client);
      if (now !== undefined && now === before) silent.push(client);
      waiting.set(client, now);
    }
    if (silent.length === 0 || asking) return;
    asking = true;
    void endTheDead(silent).finally(() => {
      asking = false;
    });
  }

  async function endTheDead(silent: readonly pg.Client[]): Promise<void> {
    const before = silent.map(awaited);
    const busy = await askAfter(url, silent.map(backendOf));
    if (busy === "all") return;
    const dead = silent.filter(
      (client, i) => !busy.has(backendOf(client)) && awaited(client) === before[i],
    );
    for (const client of dead) streamOf(client).destroy(noAnswer());
    if (dead.length > 0) onDead(dead.length);
  }

  const timer = setInterval(look, lookEveryMs).unref();
  return {
    add(client) {
      waiting.set(client, undefined);
      client.once("end", () => waiting.delete(client));
    },
    close: () => clearInterval(timer),
  };
}

/** Which of the backends are at work; `all` where their numbers mean nothing, as through a pool of connections. */
async function askAfter(
  url: string,
  backends: readonly number[],
): Promise<ReadonlySet<number> | "all"> {
  try {
    const client = await connectClient(clientConfig(url, "yardmaster silence"));
    try {
      const { own, busy } = await busyBackends(client, backends);
      return own === backendOf(client) ? new Set(busy) : "all";
    } finally {
      void client.end().catch(() => {});
    }
  } catch {
    return new Set();
  }
}

/** The bytes that were read so far while a statement waits for its answer; undefined while none does. */
function awaited(client: pg.Client): number | undefined {
  return insidesOf(client).readyForQuery ? undefined : streamOf(client).bytesRead;
}

function backendOf(client: pg.Client): number {
  return insidesOf(client).processID;
}

function insidesOf(client: pg.Client): Insides {
  return client as unknown as Insides;
}

function noAnswer(): Error {
  return new Error("Connection terminated: a statement was lost on its way, or its answer");
}
