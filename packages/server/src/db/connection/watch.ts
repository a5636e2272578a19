import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@yardmaster/protocol";
import type pg from "pg";
import type { Log } from "../log.ts";
import { createRepeats, kindOf } from "../repeats.ts";
import { isConnectionLoss, isRefusal } from "./connection-loss.ts";
import { refusalText } from "./refusal.ts";
import { listenTo, ping, stopListeningTo } from "./watch.store.ts";

export interface ListenOptions {
  /** Called after a new connection listens again: notifications in between are lost, so poll at once. */
  readonly onReconnect?: (() => void) | undefined;
}

export interface Listening {
  stop(): Promise<void>;
}

/**
 * The one connection of a process that is always there. It listens, it holds the owner's lock, and its end is
 * how we learn at once that PostgreSQL went away.
 */
export interface Watch {
  /** The first connection. @throws what `attach` threw; later losses are retried for ever. */
  start(): Promise<pg.Client>;
  listen(
    channel: string,
    onNotify: (payload: string) => void,
    options?: ListenOptions,
  ): Promise<Listening>;
  /** Both return a function that takes the listener away. */
  onLost(listener: () => void): () => void;
  onRestored(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface WatchOptions {
  /** Makes a connection that is ready to be used, and whatever must hold before (server runs, lock taken). */
  readonly attach: () => Promise<pg.Client>;
  /** Pings this often; 0 where the end of the other side is always seen (a unix socket). */
  readonly pingEveryMs: number;
  /** Where it leads, for messages. */
  readonly place: string;
  readonly log: Log;
}

interface Listener {
  readonly onNotify: (payload: string) => void;
  readonly onReconnect: (() => void) | undefined;
}

const PING_WITHIN_MS = 5_000;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 1000;

export function createWatch({ attach, pingEveryMs, place, log }: WatchOptions): Watch {
  const channels = new Map<string, Set<Listener>>();
  const lost = new Set<() => void>();
  const restored = new Set<() => void>();
  const closing = new AbortController();
  let current: pg.Client | undefined;
  let pings: NodeJS.Timeout | undefined;
  const repeat = createRepeats({ monotonicMs: () => performance.now() });

  async function connect(): Promise<pg.Client> {
    const client = await attach();
    let ended = false;
    client.once("end", () => {
      ended = true;
      if (current === client) drop(client);
    });
    client.on("notification", ({ channel, payload }) => {
      for (const listener of channels.get(channel) ?? []) listener.onNotify(payload ?? "");
    });
    try {
      // A channel that is added meanwhile is met by this same loop.
      for (const channel of channels.keys()) await listenTo(client, channel);
      if (ended) throw new Error("Connection terminated while it was being prepared");
      closing.signal.throwIfAborted();
    } catch (error) {
      void client.end().catch(() => {});
      throw error;
    }
    current = client;
    return client;
  }

  function drop(client: pg.Client): void {
    current = undefined;
    void client.end().catch(() => {});
    if (closing.signal.aborted) return;
    log.warn({}, "lost the connection to PostgreSQL");
    for (const listener of lost) listener();
    void reconnect();
  }

  async function reconnect(): Promise<void> {
    for (
      let waitMs = FIRST_WAIT_MS;
      !closing.signal.aborted;
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
    ) {
      try {
        await connect();
        break;
      } catch (error) {
        tellOfDelay(error, waitMs);
        await delay(waitMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
    if (closing.signal.aborted) return;
    log.info({}, "connected to PostgreSQL again");
    for (const listener of restored) listener();
    for (const listeners of channels.values())
      for (const { onReconnect } of listeners) onReconnect?.();
  }

  function tellOfDelay(error: unknown, waitMs: number): void {
    const details = { err: error, wait_ms: waitMs };
    if (isConnectionLoss(error) && !isRefusal(error))
      return log.debug(details, "PostgreSQL is still out of reach");
    const leftOut = repeat(kindOf("", error));
    if (leftOut === undefined) return;
    const what = isRefusal(error)
      ? `PostgreSQL (${place}) refuses the connection, and is asked again: ${refusalText(error)}`
      : "cannot go back to PostgreSQL";
    log.error({ ...details, ...(leftOut > 0 && { left_out: leftOut }) }, what);
  }

  function nextConnection(): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = onAbort(closing.signal, () => reject(closed()));
      const stop = add(restored, () => {
        stop();
        done();
        resolve();
      });
    });
  }

  async function listenNow(channel: string): Promise<void> {
    closing.signal.throwIfAborted();
    if (!current) return nextConnection();
    try {
      await listenTo(current, channel);
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      if (!current) await nextConnection();
    }
  }

  return {
    start: async () => {
      const client = await connect();
      if (pingEveryMs > 0) {
        pings = setInterval(() => {
          const pinged = current;
          if (pinged) ping(pinged, PING_WITHIN_MS).catch(() => current === pinged && drop(pinged));
        }, pingEveryMs).unref();
      }
      return client;
    },
    listen: async (channel, onNotify, options = {}) => {
      const listener: Listener = { onNotify, onReconnect: options.onReconnect };
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners.add(listener));
      await listenNow(channel);
      return {
        stop: async () => {
          listeners.delete(listener);
          if (listeners.size > 0 || channels.get(channel) !== listeners) return;
          channels.delete(channel);
          if (current) await stopListeningTo(current, channel).catch(() => {});
        },
      };
    },
    onLost: (listener) => add(lost, listener),
    onRestored: (listener) => add(restored, listener),
    close: async () => {
      closing.abort(closed());
      clearInterval(pings);
      await current?.end().catch(() => {});
    },
  };
}

function add(set: Set<() => void>, listener: () => void): () => void {
  set.add(listener);
  return () => set.delete(listener);
}

function onAbort(signal: AbortSignal, listener: () => void): () => void {
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

function closed(): AppError {
  return new AppError("unavailable", "The database was closed");
}
