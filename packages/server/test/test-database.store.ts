import pg from "pg";

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
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
