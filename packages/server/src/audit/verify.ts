import type { AuditBreak, AuditVerification } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { canonicalText, chainHash } from "./canonical.ts";
import { type ChainMarks, type ChainRow, findLinks, readChain, readMarks } from "./chain.store.ts";

/** Rows of one read: some 2 MB at most, and the event loop is free between two. */
const BATCH = 500;

export interface VerifyRequest {
  /** Begin behind this entry, which was walked before; left out: at the anchor. */
  readonly after?: number | undefined;
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Broken = NonNullable<AuditVerification["broken"]>;

interface Walk {
  /** The entry that was walked last, or the anchor. */
  seq: number;
  hash: string;
  entries: number;
  first: AuditVerification["first"];
  last: AuditVerification["last"];
}

/**
 * Walks the chain by its key in short reads, for no long transaction may hold back what others delete. Entries that are
 * appended meanwhile are left for the next time, and the oldest may leave behind the walk or, at its beginning, before it.
 */
export async function verifyChain(
  pool: Pool,
  { after, limit = Number.POSITIVE_INFINITY, signal }: VerifyRequest,
): Promise<AuditVerification> {
  const marks = await readMarks(pool);
  const { head, anchor } = marks;
  if (head === undefined || anchor === undefined)
    return report(undefined, lostMark(head === undefined ? "head" : "anchor", marks));
  const walk: Walk = {
    ...(await startOf(pool, anchor, after)),
    entries: 0,
    first: null,
    last: null,
  };
  while (walk.seq < head.seq && walk.entries < limit) {
    signal?.throwIfAborted();
    const most = Math.min(BATCH, limit - walk.entries, head.seq - walk.seq);
    const rows = await readChain(pool, { after: walk.seq, limit: most });
    if (await wasSwept(pool, walk, rows[0])) continue;
    const broken = rows.length === 0 ? truncated(walk, head.seq) : await walkOn(pool, walk, rows);
    if (broken !== undefined) return report(walk, broken);
  }
  if (walk.seq < head.seq) return report(walk, undefined, walk.seq);
  return report(walk, atTheEnd(walk, marks));
}

async function startOf(
  pool: Pool,
  anchor: { readonly seq: number; readonly hash: string },
  after: number | undefined,
): Promise<{ seq: number; hash: string }> {
  if (after === undefined || after <= anchor.seq) return anchor;
  const [row] = await readChain(pool, { after: after - 1, limit: 1 });
  return row?.seq === after ? { seq: row.seq, hash: row.hash } : anchor;
}

/** What the walk would read next may have left in its time: then it goes on behind the anchor. */
async function wasSwept(pool: Pool, walk: Walk, next: ChainRow | undefined): Promise<boolean> {
  if (next?.seq === walk.seq + 1) return false;
  const { anchor } = await readMarks(pool);
  if (anchor === undefined || anchor.seq <= walk.seq) return false;
  walk.seq = anchor.seq;
  walk.hash = anchor.hash;
  return true;
}

async function walkOn(
  pool: Pool,
  walk: Walk,
  rows: readonly ChainRow[],
): Promise<Broken | undefined> {
  for (const row of rows) {
    const { seq, ts, hash } = row;
    if (seq !== walk.seq + 1) return missing(walk.seq + 1, seq - 1);
    const isOwn = hashOf(row) === hash;
    if (row.prevHash !== walk.hash || !isOwn) return await whyNot(pool, walk, row, isOwn);
    walk.seq = seq;
    walk.hash = hash;
    walk.entries++;
    walk.first ??= { seq, ts, hash };
    walk.last = { seq, ts, hash };
  }
  return undefined;
}

function hashOf({ prevHash, seq, hash: _, ...body }: ChainRow): string {
  return chainHash(prevHash, seq, canonicalText(body));
}

/** What was done to an entry that does not follow the one before it, judged by where the others say that they belong. */
async function whyNot(pool: Pool, walk: Walk, row: ChainRow, isOwn: boolean): Promise<Broken> {
  const { seq } = row;
  const links = { follows: walk.hash, own: row.prevHash, notAt: seq };
  const { successor, predecessor } = await findLinks(pool, links);
  const follows = row.prevHash === walk.hash;
  // The one before this follows the same entry as this: it was put in.
  if (!follows && predecessor !== null && predecessor < seq - 1)
    return broken(seq - 1, "inserted", `entry ${seq - 1} was put before ${seq}`);
  if (successor !== null && (follows || predecessor === null))
    return broken(seq, "inserted", `entry ${seq} was put before ${successor}`);
  if (successor !== null)
    return broken(seq, "reordered", `the entry that belongs at ${seq} is at ${successor}`);
  if (!follows && predecessor === null && !isOwn)
    return broken(seq, "missing", `entry ${seq} is gone, and those behind it have moved up`);
  return broken(seq, "changed", `entry ${seq} is not what was kept`);
}

function missing(from: number, to: number): Broken {
  const which = from === to ? `entry ${from} is` : `entries ${from} to ${to} are`;
  return broken(from, "missing", `${which} gone`);
}

function truncated({ seq }: Walk, headSeq: number): Broken {
  return broken(seq + 1, "truncated", `the chain ends at ${seq} and went to ${headSeq}`);
}

function atTheEnd({ seq, hash }: Walk, { head, newest }: ChainMarks): Broken | undefined {
  if (head === undefined) return undefined;
  if (seq === head.seq && hash !== head.hash)
    return broken(seq, "changed", `entry ${seq} is not the one that was kept last`);
  if (newest !== null && newest > head.seq)
    return broken(head.seq + 1, "inserted", `entry ${head.seq + 1} was put behind the end`);
  return undefined;
}

function lostMark(name: string, { newest }: ChainMarks): Broken {
  return broken(newest ?? 0, "truncated", `the ${name} of the chain is gone from audit_marks`);
}

function broken(seq: number, why: AuditBreak, detail: string): Broken {
  return { seq, why, detail };
}

function report(
  walk: Walk | undefined,
  found: Broken | undefined,
  next: number | null = null,
): AuditVerification {
  return {
    ok: found === undefined,
    entries: walk?.entries ?? 0,
    first: walk?.first ?? null,
    last: walk?.last ?? null,
    broken: found ?? null,
    next,
  };
}
