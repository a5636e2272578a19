import { createHash, type Hash } from "node:crypto";

/** Checksums of files that pass by in ranges, one after the other. Some are remembered at a time. */
export interface RunningHashes {
  /**
   * Adds a range. Answers the checksum of all since offset 0, with the last range; undefined before, and where
   * ranges were left out.
   */
  add(key: string, offset: number, bytes: Buffer, isLast: boolean): string | undefined;
}

const FILES_MOST = 64;

interface Running {
  readonly hash: Hash;
  bytes: number;
}

export function createRunningHashes(): RunningHashes {
  const running = new Map<string, Running>();

  const at = (key: string, offset: number): Running | undefined => {
    const known = running.get(key);
    if (known?.bytes === offset && offset > 0) return known;
    running.delete(key);
    return offset === 0 ? { hash: createHash("sha256"), bytes: 0 } : undefined;
  };

  return {
    add(key, offset, bytes, isLast) {
      const entry = at(key, offset);
      if (entry === undefined) return undefined;
      entry.hash.update(bytes);
      entry.bytes += bytes.length;
      running.delete(key);
      if (isLast) return entry.hash.digest("hex");
      running.set(key, entry);
      const [oldest] = running.size > FILES_MOST ? running.keys() : [];
      if (oldest !== undefined) running.delete(oldest);
      return undefined;
    },
  };
}
