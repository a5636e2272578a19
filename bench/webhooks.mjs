// Signed webhooks as GitHub sends them, made beforehand but for the delivery's id. A redelivery keeps its id, so the
// same body under another one is another fact; signing anew each time would cost the load process as much as the
// server.
import { createHmac, randomUUID } from "node:crypto";
import { openConnection } from "./http.mjs";
import { WEBHOOK_SECRET } from "./legs/yard-server.mjs";

const sign = (body) => `sha256=${createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex")}`;

function requestHead({ port, event, body }) {
  const lines = [
    "POST /webhook/bench HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    "user-agent: GitHub-Hookshot/bench",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-github-event: ${event}`,
    `x-hub-signature-256: ${sign(body)}`,
  ];
  return `${lines.join("\r\n")}\r\nx-github-delivery: `;
}

/** The bytes of one delivery with this body. */
export function deliveryOf(port, event, value) {
  const body = JSON.stringify(value);
  return Buffer.from(`${requestHead({ port, event, body })}${randomUUID()}\r\n\r\n${body}`);
}

const ISSUE = {
  action: "edited",
  issue: {
    id: 1,
    number: 7,
    title: "The pump at gate 3 does not start",
    state: "open",
    user: { login: "ada", id: 2, type: "User" },
    assignee: { login: "grace", id: 3, type: "User" },
    labels: [
      { id: 4, name: "bug", color: "d73a4a" },
      { id: 5, name: "hardware", color: "0e8a16" },
    ],
    body: "",
  },
  repository: { id: 6, name: "yard", full_name: "acme/yard", private: true },
  sender: { login: "ada", id: 2, type: "User" },
};

/** An edited issue of exactly so many bytes, as JSON; the text of the issue fills it. */
function issueOf(bytes) {
  const empty = Buffer.byteLength(JSON.stringify(ISSUE));
  const body = "It hums, and nothing moves. ".repeat(bytes / 20).slice(0, bytes - empty);
  return JSON.stringify({ ...ISSUE, issue: { ...ISSUE.issue, body } });
}

/** Gives one request after another, all of an issue that was edited, with a body of so many bytes. */
export function issueRequests(port, bytes) {
  const body = issueOf(bytes);
  const head = requestHead({ port, event: "issues", body });
  const rest = `\r\n\r\n${body}`;
  const series = randomUUID().slice(0, 23);
  let count = 0;
  return () => `${head}${series}-${(count++).toString(16).padStart(12, "0")}${rest}`;
}

/** A closed loop of deliveries, one connection per caller; anything but 200 ends the leg. */
export async function webhookLoop({ port, inFlight, bytes, name }) {
  const next = issueRequests(port, bytes);
  const connections = await Promise.all(
    Array.from({ length: inFlight }, () => openConnection(port)),
  );
  return {
    async once(slot) {
      const { status, body } = await connections[slot].send(next());
      if (status !== 200) throw new Error(`${name}: ${status} ${body}`);
    },
    async close() {
      for (const connection of connections) connection.close();
    },
  };
}
