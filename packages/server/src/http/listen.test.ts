import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { serveRoutes } from "../../test/http.ts";

async function takenPort(): Promise<number> {
  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await once(taken, "listening");
  return (taken.address() as AddressInfo).port;
}

test("a port that is taken is told with the setting that it came from", async () => {
  const port = await takenPort();
  const { http } = serveRoutes([]);
  await expect(http.listen("127.0.0.1", port)).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${port} (something else listens there). Set YARD_PORT to another`,
  );
  const settings = { host: "YARD_NODES_HOST", port: "YARD_NODES_PORT" };
  await expect(http.listen("127.0.0.1", port, settings)).rejects.toThrow("Set YARD_NODES_PORT to");
  await http.close();
});
