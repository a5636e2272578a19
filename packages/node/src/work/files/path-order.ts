/** Lets what is done to one path happen in the order in which it was asked for. */
export function createPathOrder() {
  const last = new Map<string, Promise<unknown>>();
  return async <Answer>(path: string, act: () => Promise<Answer>): Promise<Answer> => {
    const before = last.get(path) ?? Promise.resolve();
    const mine = before.then(act, act);
    last.set(path, mine);
    try {
      return await mine;
    } finally {
      if (last.get(path) === mine) last.delete(path);
    }
  };
}
