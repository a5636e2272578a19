import type { AppError } from "@yardmaster/protocol";
import type { Client } from "pg";

/** What differs between an own, a joined and a foreign server. */
export interface ServerSide {
  readonly url: string;
  readonly embedded: boolean;
  /** Folder of the embedded cluster, where we own it. */
  readonly home: string | undefined;
  /** Called before each connection of the watch: an own server is (re)started here. */
  ensureRunning(): Promise<void>;
  /** Called with each new connection of the watch: an owner takes its lock here. */
  claim(client: Client): Promise<void>;
  /** See `Database`. */
  lost(): AppError | undefined;
  /** After the last connection has ended. */
  release(): Promise<void>;
}
