// A WebSocket server that sends back what it gets, and nothing else. Tells its parent its port.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket) => {
  socket.on("message", (bytes, isBinary) => socket.send(bytes, { binary: isBinary }));
});
server.on("listening", () => process.send(server.address().port));
process.on("disconnect", () => process.exit());
