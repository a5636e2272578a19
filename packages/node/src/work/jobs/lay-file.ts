import { chmod, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { JobFile } from "@yardmaster/protocol/node";
import { type ContentStore, hashOf } from "./content-store.ts";

type File = Awaited<ReturnType<typeof open>>;

/**
 * Copies a file out of the store, checked on the way: not linked, or a job could change the store. It gets the bits of
 * its mode that are in `mask`.
 */
export async function layFile(
  root: string,
  { path, sha256, mode }: JobFile,
  store: ContentStore,
  mask: number,
): Promise<void> {
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  const from = await open(store.path(sha256), "r");
  try {
    if ((await hashOf(from)) !== sha256) {
      store.drop(sha256);
      throw new Error(`the stored content of ${path} was broken; it is fetched again next time`);
    }
    const to = await open(target, "wx", 0o600);
    try {
      await copy(from, to);
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
  await chmod(target, Number.parseInt(mode, 8) & mask);
}

async function copy(from: File, to: File): Promise<void> {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  for (let at = 0; ; ) {
    const { bytesRead } = await from.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    await to.writeFile(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
