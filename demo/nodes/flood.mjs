import { once } from "node:events";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

// What the client of nodes uses; the demonstration has no dependencies of its own.
const load = createRequire(
  join(resolve(import.meta.dirname, "../.."), "packages/node/package.json"),
);
const { WebSocket } = load("ws");

/** A base client that logs in and then sends `count` messages at once. Resolves with what the server made of it. */
export async function flood({ url, name, token, count }) {
  const socket = new WebSocket(`${url}/ws/nodes`);
  const closed = once(socket, "close");
  const frames = [];
  const heard = new Map();
  socket.on("message", (bytes) => {
    const frame = JSON.parse(bytes);
    frames.push(frame);
    heard.get(frame.type)?.(frame);
  });
  const next = (type) => new Promise((done) => heard.set(type, done));
  await once(socket, "open");
  const [greeted, welcome] = [next("hello_ack"), next("auth_ok")];
  socket.send(JSON.stringify({ type: "hello", protocol_version: "0.1.0", node_name: name }));
  await greeted;
  socket.send(JSON.stringify({ type: "auth", node_name: name, token }));
  await welcome;
  for (let sent = 0; sent < count; sent++)
    socket.send(JSON.stringify({ type: "ping", ts: new Date().toISOString() }));
  const [code] = await closed;
  return { code, limit: frames.find(({ type }) => type === "rate_limit") };
}
