import { open } from "node:fs/promises";
import type { Chained } from "./chain.store.ts";

/** An entry as something outside of the database knows it, and what that is. */
export interface Witness extends Chained {
  /** RFC 3339. */
  readonly ts: string;
  readonly place: string;
}

/** Lines are some 20 KB at most. */
const PART_BYTES = 64 * 1024;

/**
 * The last entry that stands in the file and the first, which whoever changes the database may not be able to change.
 * Read them before the chain: an entry is in the database before it is here. None where there is no way to read them.
 */
export async function readWitnesses(path: string): Promise<Witness[]> {
  const { head, tail } = await endsOf(path).catch(() => ({ head: "", tail: "" }));
  const last = firstEntry(tail.split("\n").reverse());
  const first = firstEntry(head.split("\n"));
  return [last, first].flatMap((entry) => entry ?? []).map((entry) => ({ ...entry, place: path }));
}

async function endsOf(path: string): Promise<{ readonly head: string; readonly tail: string }> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const read = async (from: number): Promise<string> => {
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(PART_BYTES),
        0,
        PART_BYTES,
        from,
      );
      return buffer.toString("utf8", 0, bytesRead);
    };
    return { head: await read(0), tail: await read(Math.max(0, size - PART_BYTES)) };
  } finally {
    await handle.close();
  }
}

function firstEntry(lines: readonly string[]): Omit<Witness, "place"> | undefined {
  for (const line of lines) {
    const entry = parsed(line);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** Of a whole line of an entry; half lines and lines of gaps are none. */
function parsed(line: string): Omit<Witness, "place"> | undefined {
  try {
    const { seq, hash, ts } = JSON.parse(line) as { [field: string]: unknown };
    const isEntry = typeof seq === "number" && typeof hash === "string" && typeof ts === "string";
    return isEntry ? { seq, hash, ts } : undefined;
  } catch {
    return undefined;
  }
}
