import type { ClientBase, Pool } from "pg";

/** How far the feed has been heard, and the version that every write is decided on. */
export interface WorkPlace {
  readonly cursor: string;
  readonly version: number;
}

export async function readWorkPlace(pool: Pool): Promise<WorkPlace> {
  const { rows } = await pool.query<{ cursor: string; version: string | number }>({
    name: "work_place_read",
    text: "SELECT cursor, version FROM work_place",
  });
  const [row] = rows;
  if (row === undefined) throw new Error("work_place has lost its row (w6p1)");
  return { cursor: row.cursor, version: Number(row.version) };
}

/** Locks the one row to the end of the transaction: whoever writes anything of work holds it, so one does at a time. */
export async function lockWorkPlace(
  client: ClientBase,
): Promise<{ readonly version: number; readonly movedBy: string | null } | undefined> {
  const { rows } = await client.query<{ version: string | number; moved_by: string | null }>(
    "SELECT version, moved_by FROM work_place FOR UPDATE",
  );
  return rows[0] && { version: Number(rows[0].version), movedBy: rows[0].moved_by };
}

/** Under the lock. Followers in every process are told, when it commits. */
export async function moveWorkPlace(
  client: ClientBase,
  { cursor, opId }: { readonly cursor: string | null; readonly opId: string },
): Promise<void> {
  await client.query(
    "UPDATE work_place SET cursor = coalesce($1, cursor), version = version + 1, moved_by = $2",
    [cursor, opId],
  );
  await client.query("NOTIFY yard_work");
}
