/** How much unacknowledged output is kept, over all calls and jobs. Bytes. */
export interface Budget {
  /** Whether so much more may be kept while nobody takes it. */
  hasRoomFor(bytes: number): boolean;
  /** Counts what is kept; negative when it is let go. */
  add(bytes: number): void;
}

export function createBudget(mostBytes: number): Budget {
  let keptBytes = 0;
  return {
    hasRoomFor: (bytes) => keptBytes + bytes <= mostBytes,
    add: (bytes) => {
      keptBytes += bytes;
    },
  };
}
