/** Calls that wait for their turn: for a free slot, and for the session before them in the same shell. */
export interface Line {
  /** Answers how to leave before one's turn, which is false once it has come. */
  enter(waiting: Waiting): () => boolean;
  /** A turn is over. */
  release(): void;
  /** Something else has changed: a session is free. */
  look(): void;
  running(): number;
  waiting(): number;
}

export interface Waiting {
  /** The session that must be free, or undefined where none is needed. */
  readonly session: string | undefined;
  /** Its turn has come. */
  start(): void;
}

export function createLine(slots: number, isBusy: (session: string) => boolean): Line {
  const line: Waiting[] = [];
  let running = 0;

  const look = (): void => {
    while (running < slots) {
      const at = line.findIndex(({ session }) => session === undefined || !isBusy(session));
      const [next] = at === -1 ? [] : line.splice(at, 1);
      if (next === undefined) return;
      running += 1;
      next.start();
    }
  };

  return {
    look,
    enter(waiting) {
      line.push(waiting);
      look();
      return () => {
        const at = line.indexOf(waiting);
        if (at !== -1) line.splice(at, 1);
        return at !== -1;
      };
    },
    release() {
      running -= 1;
      look();
    },
    running: () => running,
    waiting: () => line.length,
  };
}
