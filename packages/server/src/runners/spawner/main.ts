/** The program of a spawner: its server is at the other end of file descriptor 3. */
import { Socket } from "node:net";
import { serveStarts } from "./serve.ts";

// A supervisor that stops the whole group, or Ctrl-C, means the server: it still needs what runs here.
process.on("SIGTERM", () => {});
process.on("SIGINT", () => {});

const socket = new Socket({ fd: 3, readable: true, writable: true });
serveStarts(socket, () => process.exit());
socket.resume();
