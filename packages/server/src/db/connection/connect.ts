import pg from "pg";
import type { Database } from "../database.ts";
import type { Log } from "../log.ts";
import { Client, clientConfig, connectClient, HOT_SETTINGS, placeOf } from "./connection.ts";
import { isRefusal, retryOnConnectionLoss } from "./connection-loss.ts";
import { refusedSettings, requireOwnSession } from "./pooler.ts";
import { readServerFacts, type ServerFacts } from "./server.store.ts";
import { requireUtf8, requireVersion } from "./server-requirements.ts";
import type { ServerSide } from "./server-side.ts";
import { createSilenceWatch } from "./silence.ts";
import { startFailure } from "./start-failure.ts";
import { inTransaction } from "./transaction.ts";
import { createWatch, type Watch } from "./watch.ts";

export interface ConnectSettings {
  readonly log: Log;
  readonly poolSize: number;
  /** How long the first connection may take while the server is out of reach. */
  readonly connectWaitMs: number;
  /** Ends that wait, with its reason. */
  readonly signal: AbortSignal | undefined;
  /** Where the address comes from, as whoever gave it calls that. */
  readonly urlName: string;
}

/** Finds a peer that went without a word. */
const PING_EVERY_MS = 10_000;
/** Work that still holds a connection when we close gets this long to give it back. */
const POOL_END_WITHIN_MS = 5_000;

export async function connectTo(server: ServerSide, settings: ConnectSettings): Promise<Database> {
  const { log } = settings;
  const watch = createWatch({
    attach: () => attach(server),
    pingEveryMs: server.embedded ? 0 : PING_EVERY_MS,
    place: placeOf(server.url),
    log,
  });
  const facts = await firstContact(watch, server, settings);
  const pool = createPool(server.url, settings);
  // The other end of a unix socket cannot be lost without a word.
  const silence = server.embedded
    ? undefined
    : createSilenceWatch({
        url: server.url,
        onDead: (count) => log.warn({ count }, "connections to PostgreSQL had gone silent; ended"),
      });
  pool.on("connect", (client) => silence?.add(client));
  const hotClients = new Set<pg.Client>();

  async function connectHot(name: string): Promise<pg.Client> {
    const client = await connectClient({
      ...clientConfig(server.url, `yardmaster ${name}`, HOT_SETTINGS),
      pipeline: true,
    });
    hotClients.add(client);
    silence?.add(client);
    client.once("end", () => hotClients.delete(client));
    return client;
  }

  async function close(): Promise<void> {
    silence?.close();
    await watch.close();
    await endWithin(pool.end(), POOL_END_WITHIN_MS, () =>
      log.warn({}, "closing the database while some work still holds a connection"),
    );
    await Promise.allSettled([...hotClients].map((client) => client.end()));
    await server.release();
  }

  let closing: Promise<void> | undefined;
  return {
    url: server.url,
    embedded: server.embedded,
    home: server.home,
    serverVersion: facts.version,
    pool,
    connectHot,
    listen: watch.listen,
    withTransaction: (work) => inTransaction(pool, work),
    onLost: watch.onLost,
    onRestored: watch.onRestored,
    lost: server.lost,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function attach(server: ServerSide): Promise<pg.Client> {
  await server.ensureRunning();
  const config = clientConfig(server.url, `yardmaster watch ${process.pid}`);
  const client = await connectClient(config);
  try {
    await server.claim(client);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function firstContact(
  watch: Watch,
  server: ServerSide,
  { log, connectWaitMs, signal, urlName }: ConnectSettings,
): Promise<ServerFacts> {
  const place = placeOf(server.url);
  let told = false;
  const onLoss = (error: unknown): void => {
    if (!told) log.warn({ err: error }, `waiting for PostgreSQL (${place})`);
    told = true;
  };
  const start = (): Promise<pg.ClientBase> =>
    watch.start().catch((error: unknown) => {
      throw refusedSettings(error, place);
    });
  try {
    const client = await retryOnConnectionLoss(start, {
      ...{ maxWaitMs: connectWaitMs, onLoss, isFinal: isRefusal, signal },
    });
    const facts = await readServerFacts(client);
    requireVersion(facts, place);
    requireUtf8(facts, place);
    requireOwnSession(facts.session, place);
    if (!facts.fsync)
      log.warn({}, "this PostgreSQL runs with fsync off: a power cut can lose work");
    return facts;
  } catch (error) {
    await watch.close();
    await server.release();
    throw server.embedded && isRefusal(error) ? error : startFailure(server.url, error, urlName);
  }
}

function createPool(url: string, { poolSize, log }: ConnectSettings): pg.Pool {
  const config = clientConfig(url, `yardmaster pool ${process.pid}`);
  const pool = new pg.Pool({ ...config, Client, max: poolSize, idleTimeoutMillis: 30_000 });
  // Idle connections end when PostgreSQL does; the pool makes new ones, and callers see their own errors.
  pool.on("error", (error) => log.debug({ err: error }, "an idle connection was lost"));
  return pool;
}

async function endWithin(end: Promise<void>, withinMs: number, onLate: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      onLate();
      resolve();
    }, withinMs);
  });
  await Promise.race([end, late]);
  clearTimeout(timer);
}
