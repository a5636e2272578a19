import type { Socket } from "node:net";
import pg from "pg";
import { failedConnect } from "./connection-loss.ts";
import { OWN_SESSION } from "./pooler.ts";
import { strictMode } from "./tls-mode.ts";
import { valueTypes } from "./value-types.ts";

/** Server settings of a connection, sent with its start so that they cost no round trip. */
export type Settings = Readonly<Record<string, string>>;

/**
 * Every connection: times in UTC and ISO, and commits that wait for the disk even where a role's or a
 * database's default says otherwise. No sequential scans where there is an index: a statement planned on an empty
 * table otherwise keeps one when the table has grown (14,500/s fell to 2,300/s within a minute).
 */
const BASE_SETTINGS: Settings = {
  [OWN_SESSION.name]: OWN_SESSION.value,
  timezone: "UTC",
  datestyle: "ISO",
  synchronous_commit: "on",
  enable_seqscan: "off",
  jit: "off",
  // A process that freezes inside a transaction keeps its row locks: one worker stopped in the admission to a lane
  // stood the whole installation still for as long as it was frozen. None of our transactions pauses for so long.
  idle_in_transaction_session_timeout: "5000",
  // What an administrator set for a role's programs in general: a migration takes as long as it takes, a claim waits
  // for the lock of its lane, a connection that listens is idle, and no write is made to fail by what others wrote.
  statement_timeout: "0",
  lock_timeout: "0",
  idle_session_timeout: "0",
  default_transaction_isolation: "read committed",
};

/** A plan is made once for each statement of these. Hash joins stay, for joins with unnest(). */
export const HOT_SETTINGS: Settings = {
  enable_mergejoin: "off",
  plan_cache_mode: "force_generic_plan",
};

/**
 * Puts server settings into a connection URL, as `options`: what a URL says wins over the driver's own
 * configuration, so this is the one place where both can be joined. The URL's own settings come last and win.
 */
export function withSettings(url: string, settings: Settings): string {
  const cut = url.indexOf("?");
  // One bare space makes the driver encode the whole URL again, and with it what is encoded in the password.
  const base = (cut < 0 ? url : url.slice(0, cut)).replaceAll(" ", "%20");
  const query = new URLSearchParams(cut < 0 ? "" : url.slice(cut + 1));
  const ours = Object.entries(settings).map(
    ([name, value]) => `-c ${name}=${value.replaceAll(" ", "\\ ")}`,
  );
  strictMode(query);
  query.set("options", [...ours, query.get("options") ?? ""].join(" ").trim());
  // The driver reads "+" and "%20" alike.
  return `${base}?${query.toString()}`;
}

/** Where a URL leads, without user and password: for messages. */
export function placeOf(url: string): string {
  const { host, port, database } = new Client({ connectionString: withSettings(url, {}) });
  return `${database ?? ""} at ${host.startsWith("/") ? host : `${host}:${port}`}`;
}

/** The password that a URL goes there with, for what must not show it; undefined: none. */
export function passwordOf(url: string): string | undefined {
  return new Client({ connectionString: withSettings(url, {}) }).password ?? undefined;
}

/** As it is written in a URL; undefined where it is not there, or no escape. */
function databaseOf(url: string | undefined): string | undefined {
  const written = /^[^/]*:\/\/[^/?#]*\/([^?#]+)/.exec(url ?? "")?.[1];
  try {
    return written === undefined ? undefined : decodeURIComponent(written);
  } catch {
    return undefined;
  }
}

export function clientConfig(url: string, name: string, settings: Settings = {}): pg.ClientConfig {
  return {
    connectionString: withSettings(url, { ...BASE_SETTINGS, ...settings }),
    application_name: name,
    types: valueTypes,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
  };
}

/** A goodbye is answered at once, unless nobody is there: a proxy between may acknowledge it for ever. */
const END_WITHIN_MS = 2_000;

/** The driver's callback, as its types declare it and as it is called. */
type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);
type Called = (error: Error | null, client: pg.Client) => void;

/**
 * A client whose end comes, even where the other side never answers: a server would not stop for it. Its loss fails what
 * is under way and is no uncaught error, whoever has it: a pool listens to those alone that nobody has.
 */
export class Client extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on("error", () => {});
    const name = databaseOf(typeof config === "string" ? config : config?.connectionString);
    if (name !== undefined) goTo(this, name);
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.Client> | undefined {
    if (callback !== undefined) {
      super.connect((error: Error | null) => (callback as Called)(failedConnect(error), this));
      return undefined;
    }
    return super.connect().catch((error: unknown) => {
      throw failedConnect(error);
    });
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | undefined {
    const late = setTimeout(() => streamOf(this).destroy(), END_WITHIN_MS).unref();
    this.once("end", () => clearTimeout(late));
    if (callback === undefined) return super.end();
    super.end(callback);
    return undefined;
  }
}

/** The driver leaves `%2F`, `%3F`, `%23` and others of a URL as they are: no database with such a name was found. */
function goTo(client: pg.Client, database: string): void {
  const its = client as unknown as { readonly connectionParameters: { database: string } };
  its.connectionParameters.database = database;
  client.database = database;
}

/** The socket of a client; not in the driver's types. */
export function streamOf(client: pg.Client): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection
    .stream;
}

/** A connected client; owners listen to `end`, or see their query fail. */
export async function connectClient(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new Client(config);
  try {
    await client.connect();
    return client;
  } catch (error) {
    void client.end().catch(() => {});
    throw error;
  }
}
