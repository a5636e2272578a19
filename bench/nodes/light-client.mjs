// A node client that only speaks the wire: it logs in as our own client does, answers pings at once, and answers
// commands as it is told to.
import { WebSocket } from "ws";

const CAPABILITIES = [
  ...["exec", "exec_chunk", "read", "write", "info", "exec_strict", "stream", "input"],
  ...["cancel", "reset", "task", "resume", "lifecycle", "rotate", "files", "binary"],
];

/**
 * Resolves when it is logged in. `onExec(frame)` gives the text of its output, or undefined to leave it open.
 * `counts` is what came and went; `closed` resolves with the close code.
 */
export function connectLight({ port, name, token, onExec = () => undefined }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/nodes`, { perMessageDeflate: false });
  const counts = { execs: 0, serverPings: 0, pings: 0, pongs: 0 };
  const send = (frame) => socket.send(JSON.stringify(frame));
  const stamp = () => new Date().toISOString();

  const closed = new Promise((resolve) => {
    socket.on("close", (code) => resolve(code));
  });
  socket.on("error", () => undefined);
  socket.on("open", () =>
    send({
      type: "hello",
      protocol_version: "0.1.0",
      node_name: name,
      capabilities: CAPABILITIES,
    }),
  );

  const on = {
    hello_ack: () => send({ type: "auth", node_name: name, token }),
    ping(frame) {
      counts.serverPings += 1;
      send({ type: "pong", ts: stamp(), echo_ts: frame.ts });
    },
    pong() {
      counts.pongs += 1;
    },
    exec(frame) {
      const text = onExec(frame);
      if (text === undefined) return;
      counts.execs += 1;
      send(lastChunk(frame.id, text));
    },
  };

  const client = {
    counts,
    closed,
    ping() {
      counts.pings += 1;
      send({ type: "ping", ts: stamp() });
    },
    end: () => socket.terminate(),
  };
  return new Promise((resolve, reject) => {
    closed.then((code) => reject(new Error(`node ${name} was not let in: ${code}`)));
    on.auth_ok = () => {
      send({ type: "node_info", instance_id: name, slots: 4, cpu_count: 2, mem_bytes: 2 ** 30 });
      resolve(client);
    };
    // Only what comes as text is answered: acks of output may be binary.
    socket.on("message", (bytes, isBinary) => {
      const frame = isBinary ? {} : JSON.parse(bytes);
      on[frame.type]?.(frame);
    });
  });
}

function lastChunk(id, text) {
  return {
    type: "exec_chunk",
    ...{ id, seq: 1, stream: "stdout", data: Buffer.from(text).toString("base64"), more: false },
    ...{ status: "ok", exit_code: 0, duration_ms: 1, truncated: false },
  };
}
