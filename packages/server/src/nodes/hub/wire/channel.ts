import {
  type Decoded,
  decodeBinary,
  decodeFrame,
  encodeBinary,
  encodeFrame,
  type NodeFrame,
  type OutgoingServerFrame,
  type Sealing,
} from "@yardmaster/protocol/node";
import type { NodeSocket } from "./node-socket.ts";
import type { Push } from "./writer.ts";

/** What breaks an encrypted session: it is closed with 4008 at once. */
export interface Breach {
  readonly breach: "plain" | "malformed" | "forged" | "replayed";
}

export type Incoming = Decoded<NodeFrame> | Breach;

/** Frames over a socket: as JSON, as binary messages once both sides agreed, sealed once the node is logged in. */
export interface Channel {
  readonly isSealed: boolean;
  /** The session went over so many sealed frames that it must be renewed. */
  readonly isSpent: boolean;
  send(frame: OutgoingServerFrame, push?: Push): void;
  /** The frame that a message holds. Never throws. */
  read(bytes: Buffer, isBinary: boolean): Incoming;
  /** From now on all is sealed, and nothing else is taken. */
  seal(sealing: Sealing): void;
  /** From now on what has a binary form is sent so. Not under encryption. */
  goBinary(): void;
}

export function createChannel(socket: NodeSocket, timestamp: () => string): Channel {
  let sealing: Sealing | undefined;
  let isBinary = false;

  function open(text: string): Incoming {
    const outer = decodeFrame(text, "from_node");
    if (!("ok" in outer)) return isEnc(outer) ? { breach: "malformed" } : { breach: "plain" };
    if (outer.ok.type !== "enc") return { breach: "plain" };
    const opened = (sealing as Sealing).open(outer.ok.data);
    if ("flaw" in opened) return { breach: opened.flaw };
    return decodeFrame(opened.ok, "from_node");
  }

  return {
    get isSealed() {
      return sealing !== undefined;
    },
    get isSpent() {
      return sealing?.isSpent() === true;
    },
    send(frame, push) {
      if (sealing !== undefined) {
        const data = sealing.seal(encodeFrame(frame));
        socket.send(encodeFrame({ type: "enc", data, ts: timestamp() }), push);
        return;
      }
      socket.send((isBinary && encodeBinary(frame)) || encodeFrame(frame), push);
    },
    read(bytes, isBinaryMessage) {
      if (sealing !== undefined)
        return isBinaryMessage ? { breach: "plain" } : open(bytes.toString("utf8"));
      if (!isBinaryMessage) return decodeFrame(bytes.toString("utf8"), "from_node");
      if (isBinary) return decodeBinary(bytes, "from_node");
      return { flaw: { reason: "not_a_frame", detail: "binary messages were not agreed" } };
    },
    seal(given) {
      sealing = given;
    },
    goBinary() {
      isBinary = true;
    },
  };
}

function isEnc(decoded: Decoded<NodeFrame>): boolean {
  return "flaw" in decoded && decoded.flaw.type === "enc";
}
