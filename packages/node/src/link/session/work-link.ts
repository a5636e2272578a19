import {
  type Capability,
  encodeBinary,
  encodeFrame,
  isCarried,
  NODE_LIMITS,
  type OutgoingNodeFrame,
  REASON_CODES,
  type Sealing,
} from "@yardmaster/protocol/node";
import type { WorkLink } from "../../work/work.types.ts";
import type { Agreement } from "../handshake.ts";
import type { Outbox } from "./outbox.ts";

/** Small, and waited for: they overtake output. */
const URGENT: ReadonlySet<string> = new Set(["ping", "pong", "task_renew", "cancel_ack"]);

export interface WorkLinkOptions {
  readonly agreement: Agreement;
  readonly outbox: Outbox;
  readonly now: () => number;
  readonly isEnded: () => boolean;
}

/** The way out of a session: gates what was not agreed on, encodes, seals, and bounds what a message may hold. */
export function createWorkLink({ agreement, outbox, now, isEnded }: WorkLinkOptions): WorkLink {
  const { sessionId, capabilities, sealing } = agreement;

  return {
    sessionId,
    has: (capability: Capability) =>
      capabilities.has(capability) && isPossible(capability, sealing),
    send(frame) {
      if (isEnded()) return "gone";
      if (!isCarried(frame.type, capabilities)) return "sent";
      const isUrgent = URGENT.has(frame.type);
      const binary =
        capabilities.has("binary") && sealing === undefined ? encodeBinary(frame) : undefined;
      if (binary !== undefined) return outbox.send(binary, { isBinary: true, isUrgent });
      const message = textMessage(frame, sealing, now);
      const sent = outbox.send(message, { isBinary: false, isUrgent });
      return isEnded() ? "gone" : sent;
    },
    drained: () => outbox.drained(),
  };
}

function isPossible(capability: Capability, sealing: Sealing | undefined): boolean {
  return capability !== "binary" || sealing === undefined;
}

function textMessage(
  frame: OutgoingNodeFrame,
  sealing: Sealing | undefined,
  now: () => number,
): Buffer {
  const message = sealed(encodeFrame(frame), sealing, now);
  if (message.length <= NODE_LIMITS.messageBytes) return message;
  return sealed(encodeFrame(tooLarge(frame)), sealing, now);
}

function sealed(text: string, sealing: Sealing | undefined, now: () => number): Buffer {
  if (sealing === undefined) return Buffer.from(text);
  const ts = new Date(now()).toISOString();
  return Buffer.from(encodeFrame({ type: "enc", data: sealing.seal(text), ts }));
}

/** Whoever waits is told, instead of a link that breaks under a message that no server takes. */
function tooLarge(frame: OutgoingNodeFrame): OutgoingNodeFrame {
  return {
    type: "error",
    ...("id" in frame && frame.id !== undefined ? { id: frame.id } : {}),
    code: REASON_CODES.internal_error,
    reason: "internal_error",
    detail: `the ${frame.type} is larger than the 16 MiB that a message may hold`,
  };
}
