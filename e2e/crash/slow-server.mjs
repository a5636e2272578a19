import { once } from "node:events";
import { createServer } from "node:http";

const ANSWER_AFTER_MS = 30;

/** What `crash.fetch` asks: answers after a while with the path that it was asked for. */
export async function startSlowServer() {
  const server = createServer((request, response) => {
    setTimeout(() => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ path: request.url }));
    }, ANSWER_AFTER_MS);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
