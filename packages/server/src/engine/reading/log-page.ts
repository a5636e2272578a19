import { AppError, MAX_TAIL_BYTES } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { type LogPlace, selectLogs, selectTailStart } from "../worker/logs.store.ts";
import type { LogLine, LogPage } from "./reading.types.ts";

/** A page of a log: behind `after`; else of its last `tail` lines; else from its start. @throws AppError `invalid_cursor` */
export async function readLog(pool: Pool, runId: string, page: LogPage): Promise<LogLine[]> {
  const { after, tail, limit, raw = false } = page;
  const of = { raw, ...(page.step !== undefined && { step: page.step }) };
  if (after === undefined && tail !== undefined)
    return await readTail(pool, runId, { ...of, tail, limit });
  const place = after === undefined ? {} : { after: parsePlace(after) };
  return (await selectLogs(pool, runId, { ...of, ...place, limit })).map(lineOf);
}

async function readTail(
  pool: Pool,
  runId: string,
  {
    tail,
    limit,
    ...of
  }: {
    readonly step?: string;
    readonly raw: boolean;
    readonly tail: number;
    readonly limit: number;
  },
): Promise<LogLine[]> {
  const most = { ...of, lines: tail, bytes: MAX_TAIL_BYTES };
  const start = await selectTailStart(pool, runId, most);
  if (start === undefined) return (await selectLogs(pool, runId, { ...of, limit })).map(lineOf);
  const isTooLarge = start.lines <= tail;
  const text = isTooLarge ? "" : behindLines(start.text, start.lines - tail);
  // Of a segment that begins before the tail, what is behind that is its first piece.
  const after = text === "" ? start : { ...start, seq: start.seq - 1 };
  const [first, ...others] = (await selectLogs(pool, runId, { ...of, after, limit })).map(lineOf);
  if (first === undefined) return [];
  const older = isTooLarge ? "too_large" : "not_asked";
  return [{ ...first, ...(text !== "" && { text }), older }, ...others];
}

/** The text behind its first so many lines. */
function behindLines(text: string, count: number): string {
  let begin = 0;
  for (let left = count; left > 0; left--) {
    const end = text.indexOf("\n", begin);
    if (end < 0) return "";
    begin = end + 1;
  }
  return text.slice(begin);
}

function lineOf({ xid, ...line }: Awaited<ReturnType<typeof selectLogs>>[number]): LogLine {
  return { ...line, cursor: `${xid}.${line.attempt}.${line.seq}.${line.step}` };
}

/** A number that fits no xid8 would break the query. */
function parsePlace(cursor: string): LogPlace {
  const [, xid = "", number, seq, slot] =
    /^(\d{1,20})\.(\d{1,9})\.(\d{1,9})\.(.+)$/.exec(cursor) ?? [];
  if (slot === undefined || BigInt(xid) >= 2n ** 64n)
    throw new AppError("invalid_cursor", `"${cursor.slice(0, 100)}" is not a cursor of a log`);
  return { xid, number: Number(number), seq: Number(seq), slot };
}
