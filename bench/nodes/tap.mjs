// A TCP relay that notes when somebody dials, and when the server has let the node in.
import { once } from "node:events";
import { connect, createServer } from "node:net";

const LET_IN = '"type":"auth_ok"';

export async function openTap(port) {
  let onLogin;
  const server = createServer((downstream) => {
    const dialledAtMs = performance.now();
    const upstream = connect({ host: "127.0.0.1", port, noDelay: true });
    downstream.setNoDelay(true);
    downstream.pipe(upstream).pipe(downstream);
    downstream.on("error", () => upstream.destroy());
    upstream.on("error", () => downstream.destroy());
    upstream.on("data", (bytes) => {
      if (bytes.includes(LET_IN)) onLogin({ dialledAtMs, letInAtMs: performance.now() });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    /** The next login through it, on the clock of `performance`. */
    login: () =>
      new Promise((resolve) => {
        onLogin = resolve;
      }),
    close: () => server.close(),
  };
}
