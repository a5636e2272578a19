import { type ConnectSettings, connectTo } from "./connection/connect.ts";
import type { ServerSide } from "./connection/server-side.ts";
import { ensureDataFolder } from "./data-folder/data-folder.ts";
import { joinDatabase } from "./data-folder/join.ts";
import type { ConnectOptions, Database, OpenDatabaseOptions } from "./database.ts";
import { ownEmbedded } from "./embedded/own.ts";

/**
 * The database of an installation, ready for queries (`migrate` comes next).
 * @throws AppError `conflict` (the data folder has an owner), `unavailable` (out of reach, will not start),
 * `invalid_setting` (folder, user or version do not fit).
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const dataFolder = ensureDataFolder(options.dataFolder);
  const settings = connectSettings(options);
  if (options.databaseUrl) return connectDatabase(options.databaseUrl, options);
  if (options.mode === "own") {
    const server = await ownEmbedded(dataFolder, options.log);
    // No signal: only who has claimed what it started stops it again.
    return connectTo(server, { ...settings, signal: undefined });
  }
  const { url, home } = await joinDatabase(dataFolder, {
    waitMs: settings.connectWaitMs,
    signal: settings.signal,
    onWait: () => options.log.info({ dataFolder }, "waiting for a server on the data folder"),
  });
  return connectTo(guest(url, home), settings);
}

/** A database given by its URL alone: a foreign server, a test database, a tool. */
export async function connectDatabase(url: string, options: ConnectOptions): Promise<Database> {
  return connectTo(guest(url, undefined), connectSettings(options));
}

function connectSettings({
  log,
  poolSize = 10,
  connectWaitMs = 30_000,
  signal,
  urlName = "DATABASE_URL",
}: ConnectOptions): ConnectSettings {
  return { log, poolSize, connectWaitMs, signal, urlName };
}

function guest(url: string, home: string | undefined): ServerSide {
  const nothing = async (): Promise<void> => {};
  return {
    url,
    home,
    embedded: home !== undefined,
    ensureRunning: nothing,
    claim: nothing,
    lost: () => undefined,
    release: nothing,
  };
}
