/** What was begun and nobody waits for, until somebody must. */
export interface Underway {
  /** @param step never rejects */
  add(step: Promise<unknown>): void;
  /** Resolves when all of it has ended, at the latest after so long. */
  ended(mostMs: number): Promise<void>;
}

export function createUnderway(): Underway {
  const steps = new Set<Promise<unknown>>();
  return {
    add(step) {
      steps.add(step);
      void step.then(() => steps.delete(step));
    },
    ended(mostMs) {
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, mostMs);
        void Promise.all(steps).then(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
  };
}
