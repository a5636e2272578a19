import { readFile } from "node:fs/promises";
import { z } from "zod";
import { writeOwnerFile } from "./owner-only.ts";

const memorySchema = z.object({
  /** Servers (address of the link) that have done end-to-end encryption with this node. */
  encrypted: z.array(z.string()).default([]),
});

/** What a node must remember over restarts, beyond what its owner wrote. */
export interface Memory {
  /** A server that has encrypted before is never again given a token in clear. */
  hasEncrypted(server: string): boolean;
  rememberEncrypted(server: string): Promise<void>;
}

/** A file that is gone or broken is an empty memory: it is written anew. */
export async function readMemory(path: string): Promise<Memory> {
  const encrypted = new Set(await storedAt(path));
  return {
    hasEncrypted: (server) => encrypted.has(server),
    async rememberEncrypted(server) {
      if (encrypted.has(server)) return;
      encrypted.add(server);
      await writeOwnerFile(path, `${JSON.stringify({ encrypted: [...encrypted] })}\n`);
    },
  };
}

async function storedAt(path: string): Promise<string[]> {
  try {
    return memorySchema.parse(JSON.parse(await readFile(path, "utf8"))).encrypted;
  } catch {
    return [];
  }
}
