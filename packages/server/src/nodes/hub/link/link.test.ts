import type { OutgoingServerFrame } from "@yardmaster/protocol/node";
import { expect, it } from "vitest";
import type { Entry } from "../handshake/handshake.types.ts";
import { HUB_OPTIONS } from "../hub-options.ts";
import type { Channel } from "../wire/channel.ts";
import type { NodeSocket } from "../wire/node-socket.ts";
import { createLink } from "./link.ts";
import type { LinkHandlers } from "./link.types.ts";

const ENTRY = {
  sessionId: "s-1",
  epoch: 1,
  node: { nodeId: "n-1", name: "lab-7", e2e: "off" },
  capabilities: ["exec", "read"],
  agreeUnder: () => ["exec", "read"],
  hello: { type: "hello", protocol_version: "0.1.0", node_name: "lab-7" },
  client: "base",
  e2e: undefined,
} as unknown as Entry;

it("a link sends no frame that its session did not agree on, whoever asks for it (C49)", () => {
  const sent: string[] = [];
  const channel = { send: (frame) => sent.push(frame.type) } as Partial<Channel> as Channel;
  const socket = { receivedBytes: 0 } as Partial<NodeSocket> as NodeSocket;
  const clock = { now: () => 0, monotonicMs: () => 0, timestamp: () => "" };
  const link = createLink(ENTRY, { socket, channel, ...clock }, HUB_OPTIONS, {} as LinkHandlers);
  const frames: OutgoingServerFrame[] = [
    { type: "read", id: "1", path: "/a" },
    { type: "write", id: "2", path: "/a", content_b64: "" },
    { type: "cancel", id: "3" },
    { type: "task_lost", lease_id: "4" },
    { type: "resume_err", reason: "unknown" },
  ];
  const refused = frames.filter((frame) => {
    try {
      link.send(frame);
      return false;
    } catch {
      return true;
    }
  });
  expect([sent, refused.length]).toEqual([["read"], 4]);
});
