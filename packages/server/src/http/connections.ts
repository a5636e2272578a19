import type { Server } from "node:http";
import type { Socket } from "node:net";

/** The connections of a server, so that it can stop. */
export interface Connections {
  /**
   * Closes those that never sent a byte: browsers and HTTP clients open them in advance, and Node takes them for
   * busy when a server closes.
   */
  closeUnused(): void;
}

export function trackConnections(server: Server): Connections {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return {
    closeUnused() {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    },
  };
}
