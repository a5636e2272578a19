import { hash } from "node:crypto";
import type { ClientBase, Pool } from "pg";
import type { CommitPart, PartAnswer } from "../engine/index.ts";
import { keyMismatch } from "../idempotency/index.ts";
import { deleteOldKeys, findKeys, type KeyRow, takeKeys } from "./idempotency.store.ts";

/** Tells requests apart: the same text again has the same hash. */
export function requestHash(request: unknown): string {
  return hash("sha256", JSON.stringify(request), "base64url");
}

const SAME = "same ";
const OTHER = "other";

/** Commits a key together with its run; refuses when another run has the key. */
export const idempotencyPart: CommitPart<KeyRow> = { name: "idempotency", apply: applyKeys };

/** What a refusal of the part means: the id of the run that the same request started before. */
export function firstRunOf(refused: string): string {
  if (refused.startsWith(SAME)) return refused.slice(SAME.length);
  throw keyMismatch();
}

async function applyKeys(client: ClientBase, rows: readonly KeyRow[]): Promise<PartAnswer[]> {
  const first = new Map<string, KeyRow>();
  for (const row of rows) if (!first.has(place(row))) first.set(place(row), row);
  const unique = [...first.values()].sort((a, b) => (place(a) < place(b) ? -1 : 1));
  const taken = new Set(await takeKeys(client, unique));
  if (rows.every((row) => taken.has(row.runId))) return rows.map(() => "ok");
  const held = new Map((await findKeys(client, unique)).map((row) => [place(row), row]));
  return rows.map((row) => answer(row, held.get(place(row))));
}

/** A row that is sent again after a lost connection finds itself, and is answered like the first time. */
function answer(row: KeyRow, held: KeyRow | undefined): PartAnswer {
  if (held === undefined) throw new Error("idempotency: a key was neither taken nor held");
  if (held.runId === row.runId) return "ok";
  return { refused: held.requestHash === row.requestHash ? SAME + held.runId : OTHER };
}

function place({ tokenId, key }: KeyRow): string {
  return `${tokenId} ${key}`;
}

const SWEEP_BATCH = 5_000;

/** Removes all keys past their 24 hours; for the server's hourly housekeeping. Gives how many. */
export async function sweepIdempotencyKeys(pool: Pool): Promise<number> {
  let total = 0;
  for (;;) {
    const removed = await deleteOldKeys(pool, SWEEP_BATCH);
    total += removed;
    if (removed < SWEEP_BATCH) return total;
  }
}
