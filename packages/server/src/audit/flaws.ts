import type { AuditBreak, AuditVerification } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { canonicalText, chainHash } from "./canonical.ts";
import { type Chained, type ChainMarks, type ChainRow, findLinks } from "./chain.store.ts";

export type Broken = NonNullable<AuditVerification["broken"]>;

/** Where an entry is not what was kept, or not behind the one that was before it; undefined where all is well. */
export async function flawOf(
  pool: Pool,
  before: Chained,
  row: ChainRow,
): Promise<Broken | undefined> {
  const { seq, hash, prevHash, ...body } = row;
  if (seq !== before.seq + 1) return missing(before.seq + 1, seq - 1);
  const text = canonicalText(body);
  const fits = chainHash(before.hash, seq, text) === hash;
  const follows = prevHash === before.hash;
  if (fits && follows) return undefined;
  if (fits) return broken(seq, "changed", `entry ${seq} names another as the one before it`);
  return await judge(pool, before, row, chainHash(prevHash, seq, text) === hash);
}

/** What was done to it, by where the other entries say that they belong. */
async function judge(
  pool: Pool,
  before: Chained,
  { seq, prevHash }: ChainRow,
  isOwn: boolean,
): Promise<Broken> {
  const links = { follows: before.hash, own: prevHash, notAt: seq };
  const { successor, predecessor } = await findLinks(pool, links);
  const follows = prevHash === before.hash;
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

/** Where the ends of the chain are not where they were put. */
export function flawOfMarks({ head, anchor, oldest, newest }: ChainMarks): Broken | undefined {
  if (head === undefined || anchor === undefined) {
    const name = head === undefined ? "head" : "anchor";
    return broken(newest ?? 0, "truncated", `the ${name} of the chain is gone from audit_marks`);
  }
  if (oldest !== null && oldest <= anchor.seq)
    return broken(oldest, "changed", `the chain is said to begin behind ${anchor.seq}`);
  return undefined;
}

export function flawAtTheEnd(last: Chained, { head, newest }: ChainMarks): Broken | undefined {
  if (head === undefined) return undefined;
  if (last.seq === head.seq && last.hash !== head.hash)
    return broken(last.seq, "changed", `entry ${last.seq} is not the one that was kept last`);
  if (newest !== null && newest > head.seq)
    return broken(head.seq + 1, "inserted", `entry ${head.seq + 1} was put behind the end`);
  return undefined;
}

export function truncated(from: number, why: string): Broken {
  return broken(from, "truncated", why);
}

export function takenOut(seq: number, why: string): Broken {
  return broken(seq, "missing", why);
}

export function rewritten(seq: number, why: string): Broken {
  return broken(seq, "changed", why);
}

function missing(from: number, to: number): Broken {
  const which = from === to ? `entry ${from} is` : `entries ${from} to ${to} are`;
  return broken(from, "missing", `${which} gone`);
}

function broken(seq: number, why: AuditBreak, detail: string): Broken {
  return { seq, why, detail };
}
