import { open } from "node:fs/promises";
import type { Chained } from "./chain.store.ts";

/** An entry as something outside of the database knows it, and what that is. */
export interface Witness extends Chained {
  readonly place: string;
}

/** Lines are some 20 KB at most. */
const TAIL_BYTES = 64 * 1024;

/**
 * The last entry that stands in the file, which whoever changes the database may not be able to change. Read it before
 * the chain: an entry is in the database before it is here. Undefined where there is none, or no way to read it.
 */
export async function readWitness(path: string): Promise<Witness | undefined> {
  const lines = (await tailOf(path).catch(() => "")).split("\n");
  for (const line of lines.reverse()) {
    const entry = parsed(line);
    if (entry !== undefined) return { ...entry, place: path };
  }
  return undefined;
}

async function tailOf(path: string): Promise<string> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(size - from),
      0,
      size - from,
      from,
    );
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Of a whole line of an entry; half lines and lines of gaps are none. */
function parsed(line: string): Chained | undefined {
  try {
    const { seq, hash } = JSON.parse(line) as { seq?: unknown; hash?: unknown };
    return typeof seq === "number" && typeof hash === "string" ? { seq, hash } : undefined;
  } catch {
    return undefined;
  }
}
