// The least that a call over a WebSocket can take: one message there, the same one back.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { drive } from "../measure.mjs";

const SERVER = fileURLToPath(new URL("echo-server.mjs", import.meta.url));
/** As long as the frame of a short command. */
const MESSAGE = JSON.stringify({ type: "exec", id: crypto.randomUUID(), text: "x".repeat(100) });

export async function bareEcho(house) {
  const server = house.start(process.execPath, [SERVER], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const [port] = await Promise.race([
    once(server.child, "message"),
    server.ended.then(() => Promise.reject(new Error(`echo server: ${server.output()}`))),
  ]);
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(socket, "open");
  let onAnswer;
  socket.on("message", () => onAnswer());

  return {
    name: "bare echo",
    leg: (options) =>
      drive({
        ...options,
        readCost: async () => ({}),
        once: () =>
          new Promise((resolve) => {
            onAnswer = resolve;
            socket.send(MESSAGE);
          }),
      }),
    async close() {
      socket.terminate();
      server.child.disconnect();
      await server.ended;
    },
  };
}
