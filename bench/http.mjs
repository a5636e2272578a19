// The load generator's HTTP/1.1: one keep-alive connection per caller, requests made beforehand.
// A general client costs as much CPU as a fast server, and both share the machine's cores.
import { once } from "node:events";
import { connect } from "node:net";

/** The bytes of one POST with a JSON body. */
export function postOf({ port, path, headers = {}, body }) {
  const payload = JSON.stringify(body);
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(payload)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${payload}`);
}

/** `send(request)` gives `{ status, body }`; one request at a time. */
export async function openConnection(port) {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  socket.setEncoding("latin1");
  await once(socket, "connect");
  let received = "";
  let waiting;

  function settle(name, value) {
    const caller = waiting;
    waiting = undefined;
    received = "";
    caller?.[name](value);
  }
  socket.on("data", (chunk) => {
    received += chunk;
    const answer = readAnswer(received);
    if (answer) settle("resolve", answer);
  });
  socket.on("error", (error) => settle("reject", error));
  socket.on("close", () => settle("reject", new Error("the server closed the connection")));

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** The whole answer, or undefined while some of it is missing. Bodies are read as bytes. */
function readAnswer(text) {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = text.slice(0, headEnd);
  const body = text.slice(headEnd + 4);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length) ? { status, body } : undefined;
  return body.endsWith("0\r\n\r\n") ? { status, body } : undefined;
}
