/**
 * Makes reads of the same that are asked for in one turn of the event loop one: a change wakes all who follow the feed
 * at once, nearly all of them from the same place, and a query for each would take all connections from everything
 * else. It begins after the last of them asked, so nobody gets less than alone.
 */
export function shareReads<T>(
  read: (cursor: string, limit: number) => Promise<T>,
): (cursor: string, limit: number) => Promise<T> {
  let asked = new Map<string, Promise<T>>();
  let turn: Promise<void> | undefined;

  function endOfTurn(): Promise<void> {
    turn ??= new Promise((resolve) => {
      setImmediate(() => {
        asked = new Map();
        turn = undefined;
        resolve();
      });
    });
    return turn;
  }

  return (cursor, limit) => {
    const key = `${cursor} ${limit}`;
    const known = asked.get(key);
    if (known !== undefined) return known;
    const reading = endOfTurn().then(() => read(cursor, limit));
    asked.set(key, reading);
    return reading;
  };
}
