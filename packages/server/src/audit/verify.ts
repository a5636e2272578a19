import type { AuditVerification } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { type Chained, type ChainRow, readChain, readMarks } from "./chain.store.ts";
import {
  type Broken,
  flawAtTheEnd,
  flawOf,
  flawOfMarks,
  rewritten,
  takenOut,
  truncated,
} from "./flaws.ts";
import type { Witness } from "./witness.ts";

/** Rows of one read: some 2 MB at most, and the event loop is free between two. */
const BATCH = 500;

export interface VerifyRequest {
  /** Begin behind this entry, which was walked before; left out: at the anchor. */
  readonly after?: number | undefined;
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Entries as they are known outside of the database. */
  readonly witnesses?: readonly Witness[];
  /** Entries from then on (RFC 3339) have not left in their time; undefined: it is not known. */
  readonly keptSince?: string | undefined;
}

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
 * appended meanwhile are left for the next time, and the oldest may leave behind the walk or, at its beginning, before
 * it.
 */
export async function verifyChain(
  pool: Pool,
  { after, limit = Number.POSITIVE_INFINITY, signal, witnesses = [], keptSince }: VerifyRequest,
): Promise<AuditVerification> {
  const marks = await readMarks(pool);
  const { head, anchor } = marks;
  const flaw = flawOfMarks(marks);
  if (flaw !== undefined || head === undefined || anchor === undefined)
    return report(undefined, flaw);
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
    const broken = await walkOn(pool, walk, rows, head);
    if (broken !== undefined) return report(walk, broken);
  }
  if (walk.seq < head.seq) return report(walk, undefined, walk.seq);
  const known = { head, anchor, keptSince };
  let broken = flawAtTheEnd(walk, marks);
  for (const witness of witnesses) broken ??= await gainsaid(pool, known, witness);
  return report(walk, broken);
}

async function startOf(pool: Pool, anchor: Chained, after: number | undefined): Promise<Chained> {
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
  head: Chained,
): Promise<Broken | undefined> {
  if (rows.length === 0)
    return truncated(walk.seq + 1, `the chain ends at ${walk.seq} and went to ${head.seq}`);
  for (const row of rows) {
    const flaw = await flawOf(pool, walk, row);
    if (flaw !== undefined) return flaw;
    const { seq, ts, hash } = row;
    walk.seq = seq;
    walk.hash = hash;
    walk.entries++;
    walk.first ??= { seq, ts, hash };
    walk.last = { seq, ts, hash };
  }
  return undefined;
}

/** A chain that is whole in itself may still be another than the one that was kept. */
async function gainsaid(
  pool: Pool,
  {
    head,
    anchor,
    keptSince,
  }: { readonly head: Chained; readonly anchor: Chained } & Pick<VerifyRequest, "keptSince">,
  { seq, hash, ts, place }: Witness,
): Promise<Broken | undefined> {
  if (seq <= anchor.seq && keptSince !== undefined && ts > keptSince)
    return takenOut(
      seq,
      `the chain begins behind ${anchor.seq}, and ${place} has entry ${seq} of ${ts}, which is to be kept for longer (YARD_KEEP_AUDIT)`,
    );
  if (seq > head.seq)
    return truncated(head.seq + 1, `the chain ends at ${head.seq}, and ${place} has entry ${seq}`);
  const [row] = await readChain(pool, { after: seq - 1, limit: 1 });
  if (row?.seq !== seq || row.hash === hash) return undefined;
  return rewritten(seq, `${place} has another entry ${seq}: the chain was made anew`);
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
