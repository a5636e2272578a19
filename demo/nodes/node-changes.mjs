const PATIENCE_MS = 20_000;

/**
 * Follows what happens to nodes. `until("connected", "lab")` resolves with the first such change that was not asked
 * for before, be it that it has happened already.
 */
export async function followNodes(client, signal) {
  const changes = [];
  const waiting = new Set();
  const stream = client.stream({ types: "node.*" }, { signal });
  await stream.next();
  void follow().catch(() => {});

  async function follow() {
    for await (const { type, data } of stream) {
      changes.push({ type, ...data, atMs: performance.now() });
      for (const look of waiting) look();
    }
  }

  function take(type, node) {
    const at = changes.findIndex((change) => change.type === type && change.node === node);
    return at === -1 ? undefined : changes.splice(at, 1)[0];
  }

  return function until(change, node) {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`${node} was not ${change} within ${PATIENCE_MS} ms`));
      const timer = setTimeout(late, PATIENCE_MS).unref();
      const look = () => {
        const found = take(`node.${change}`, node);
        if (found === undefined) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  };
}
