import pg from "pg";

/** One connection to each server for all databases: in a new one the first CREATE DATABASE took 175 ms, not 40. */
const connections = new Map<string, Promise<pg.Client>>();

async function run(url: string, sql: string): Promise<void> {
  const client = await connectionTo(url);
  await client.query(sql);
}

function connectionTo(url: string): Promise<pg.Client> {
  const made = connections.get(url) ?? connect(url);
  connections.set(url, made);
  return made;
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  const forget = (): void => void connections.delete(url);
  client.on("error", forget);
  client.once("end", forget);
  await client.connect().catch((error: unknown) => {
    forget();
    throw error;
  });
  return client;
}

export async function closeConnections(): Promise<void> {
  for (const made of connections.values()) await (await made).end();
}

export async function createDatabase(url: string, name: string, template?: string): Promise<void> {
  const from = template ? ` template ${pg.escapeIdentifier(template)}` : "";
  await run(url, `create database ${pg.escapeIdentifier(name)}${from}`);
}

export async function dropDatabase(url: string, name: string): Promise<void> {
  await run(url, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
}

/** Another database of the same server. By hand: an address of a socket has no host, which `URL` does not take. */
export function urlOf(url: string, name: string): string {
  return url.replace(/^(\w+:\/\/[^/]*\/)[^?]*/, `$1${name}`);
}
