import { AppError } from "@yardmaster/protocol";
import {
  connectDatabase,
  type Database,
  joinDatabase,
  type Log,
  livingOwner,
  openDatabase,
  placeOf,
} from "../db/index.ts";
import type { Place } from "./copy.ts";

/** What stands for the PostgreSQL that comes along, where an address of a database may stand. */
export const EMBEDDED = "embedded";

export interface OpenPlace extends Place {
  readonly database: Database;
}

/** Of the data folder, or of a server that is given. */
export interface PlaceRequest {
  readonly dataFolder: string;
  /** None: the PostgreSQL of the data folder. */
  readonly databaseUrl: string | undefined;
  readonly log: Log;
}

/** Connections enough: one reads or writes, one looks. */
const POOL_SIZE = 2;
const CONNECT_WAIT_MS = 5_000;

const named = (request: PlaceRequest): string =>
  request.databaseUrl === undefined
    ? `the PostgreSQL of ${request.dataFolder}`
    : `database ${placeOf(request.databaseUrl)}`;

/**
 * An installation's own database. That of a data folder is started where no server runs on it, or must be so
 * (`isAlone`).
 * @throws AppError `not_found` where a data folder has none, `conflict` where a server runs that must not
 */
export async function openSource(
  request: PlaceRequest,
  { isAlone }: { readonly isAlone: boolean },
): Promise<OpenPlace> {
  const { dataFolder, databaseUrl, log } = request;
  const options = { log, poolSize: POOL_SIZE, connectWaitMs: CONNECT_WAIT_MS };
  const name = named(request);
  if (databaseUrl !== undefined)
    return { name, database: await connectDatabase(databaseUrl, options) };
  await joinDatabase(dataFolder, { waitMs: 0 }).catch(() => {
    throw new AppError("not_found", `There is no installation in ${dataFolder}.`);
  });
  const mode = isAlone || livingOwner(dataFolder) === undefined ? "own" : "join";
  return { name, database: await openDatabase({ ...options, dataFolder, mode }) };
}

/** Where an installation is to go; the PostgreSQL of a data folder is made where there is none. */
export async function openTarget(request: PlaceRequest): Promise<OpenPlace> {
  const { dataFolder, databaseUrl, log } = request;
  const options = { log, poolSize: POOL_SIZE, connectWaitMs: CONNECT_WAIT_MS };
  const database =
    databaseUrl === undefined
      ? await openDatabase({ ...options, dataFolder, mode: "own" })
      : await connectDatabase(databaseUrl, { ...options, urlName: "the target" });
  return { name: named(request), database };
}
