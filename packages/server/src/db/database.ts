import type { AppError } from "@yardmaster/protocol";
import type pg from "pg";
import type { Listening, ListenOptions } from "./connection/watch.ts";
import type { Log } from "./log.ts";

/** A connection of `connectHot`, as its owner sees it. */
export type HotClient = pg.ClientBase & { end(): Promise<void> };

export interface Database {
  /** Of this database, with its password: for child processes of ours, never for a message. */
  readonly url: string;
  /** True with the PostgreSQL that comes with us, owned or joined. */
  readonly embedded: boolean;
  /** Folder of the embedded cluster; undefined with `DATABASE_URL`. */
  readonly home: string | undefined;
  /** As `server_version_num`: 180004 is 18.4. */
  readonly serverVersion: number;
  /**
   * For everything but the hot path. `int8` arrives as number (as text beyond 2^53), `timestamptz` as RFC 3339
   * text in UTC with milliseconds, json and jsonb parsed. Fails while PostgreSQL is away
   * (`retryOnConnectionLoss`).
   */
  readonly pool: pg.Pool;
  /**
   * A connection of its own with pinned plans, for named (prepared) statements. Queries are sent at once, behind
   * those that are under way: who opens a transaction lets nobody else use it before its end. `name` shows in
   * pg_stat_activity. When it is lost its queries fail and `end` is emitted; the caller connects again. Ended
   * by `close` at the latest.
   */
  connectHot(name: string): Promise<pg.Client>;
  /**
   * Calls `onNotify` with the payload of each NOTIFY on a channel. Returns when the channel is listened to.
   * Goes on by itself after a lost connection, and then calls `onReconnect`.
   */
  listen(
    channel: string,
    onNotify: (payload: string) => void,
    options?: ListenOptions,
  ): Promise<Listening>;
  /** One transaction on a connection of the pool; what `work` throws rolls back and passes through. */
  withTransaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** PostgreSQL went away, was found again. Each returns a function that takes the listener away. */
  onLost(listener: () => void): () => void;
  onRestored(listener: () => void): () => void;
  /** Where the files of an own PostgreSQL were deleted under it, what is to be told: nothing can be stored any more. */
  lost(): AppError | undefined;
  /** Ends all connections; an owner then stops its PostgreSQL in order. May be called twice. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly log: Log;
  /** Largest number of pooled connections; 10. */
  readonly poolSize?: number | undefined;
  /** How long a server that is out of reach is waited for at the start; 30 s. */
  readonly connectWaitMs?: number | undefined;
  /** Ends that wait, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** What an address that cannot be used is called in the error; DATABASE_URL. */
  readonly urlName?: string | undefined;
}

export interface OpenDatabaseOptions extends ConnectOptions {
  readonly dataFolder: string;
  /** With it, that server is used by any number of processes; without, the one that comes with us. */
  readonly databaseUrl?: string | undefined;
  /** `own` starts and stops the embedded PostgreSQL, one process per data folder; `join` uses the owner's. */
  readonly mode: "own" | "join";
}
