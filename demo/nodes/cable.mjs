import { once } from "node:events";
import { connect, createServer } from "node:net";

/** A cable from a machine to the server on `port`. While it is cut, what runs over it is broken and nothing gets through. */
export async function layCable(port) {
  const sockets = new Set();
  let isCut = false;
  const listener = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(port, "127.0.0.1");
    join(near, far);
    join(far, near);
  });
  function join(from, to) {
    sockets.add(from);
    from
      .on("error", () => {})
      .on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    from.pipe(to);
  }
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  // It must not keep the demonstration from ending.
  listener.unref();
  return {
    url: `ws://127.0.0.1:${listener.address().port}`,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    mend: () => {
      isCut = false;
    },
  };
}
