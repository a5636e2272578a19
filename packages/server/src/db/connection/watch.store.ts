import pg from "pg";

export async function listenTo(client: pg.Client, channel: string): Promise<void> {
  await client.query(`listen ${pg.escapeIdentifier(channel)}`);
}

export async function stopListeningTo(client: pg.Client, channel: string): Promise<void> {
  await client.query(`unlisten ${pg.escapeIdentifier(channel)}`);
}

/** Proves that a connection is alive in both directions; fails when no answer came within `withinMs`. */
export async function ping(client: pg.Client, withinMs: number): Promise<void> {
  const query: pg.QueryConfig & { query_timeout: number } = {
    text: "select 1",
    query_timeout: withinMs,
  };
  await client.query(query);
}
