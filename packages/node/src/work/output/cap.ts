/** Cuts one stream at a number of bytes, exactly, and says whether it did. */
export interface Cap {
  /** The part that is still within it. */
  cut(bytes: Buffer): Buffer;
  isCut(): boolean;
  /** Something was dropped elsewhere. */
  markCut(): void;
  /** All that came, dropped bytes too. */
  totalBytes(): number;
}

const NOTHING = Buffer.alloc(0);

export function createCap(mostBytes: number): Cap {
  let total = 0;
  let hasCut = false;
  return {
    cut(bytes) {
      const room = mostBytes - total;
      total += bytes.length;
      if (bytes.length <= room) return bytes;
      hasCut = true;
      return room <= 0 ? NOTHING : bytes.subarray(0, room);
    },
    isCut: () => hasCut,
    markCut: () => {
      hasCut = true;
    },
    totalBytes: () => total,
  };
}
