import {
  createSealing,
  type Decoded,
  decodeFrame,
  encodeFrame,
  type FrameDirection,
  NODE_FRAMES,
  type NodeFrame,
  SERVER_FRAMES,
  type Sealing,
  type ServerFrame,
} from "@yardmaster/protocol/node";
import { createReceive } from "../../../node/src/link/session/receive.ts";
import { createChannel } from "../../src/nodes/hub/wire/channel.ts";
import type { NodeSocket } from "../../src/nodes/hub/wire/node-socket.ts";
import { type FuzzTarget, must } from "../target.ts";

const KEY = Buffer.alloc(32, 7);
const CALL = "8a51c6d2-7e0f-4b9a-b2c4-1f3e5d7a9b0c";
const PING = '{"type":"ping","ts":"2026-01-01T00:00:00.000Z"}';
const EXEC = `{"type":"exec","id":"${CALL}","command":"true"}`;
const CHUNK = `{"type":"exec_chunk","id":"${CALL}","seq":1,"data":"YQ==","more":false}`;

/** What one end makes of a message: a word, and whether it ends the session. */
interface Read {
  readonly word: string;
  readonly isBroken: boolean;
}

interface End {
  read(bytes: Buffer, isBinary: boolean): Read;
  /** What it would make of the text in clear. */
  readonly direction: FrameDirection;
  /** Of this end: what it has sealed itself must not come back to it. */
  readonly own: Sealing;
  /** Of the other end. */
  readonly peer: Sealing;
}

/**
 * A session under encryption, read at both ends. A line is a message; its first letter says how it comes: `S` sealed by
 * the other end, `R` the one sealed last once more, `O` sealed by the reader itself, `X` as the data of an enc frame,
 * `B` binary, all others in clear.
 */
export const nodeSealedTarget: FuzzTarget = {
  name: "node-sealed",
  limitMs: 1_000,
  seeds: [
    `S${PING}\nS${EXEC}\nS${CHUNK}`,
    `S${PING}\nR`,
    `O${PING}`,
    `S${CHUNK}\nX${createSealing({ key: KEY }).seal(CHUNK)}`,
    `X${createSealing({ key: Buffer.alloc(32, 1) }).seal(PING)}`,
    'S{"type":"enc","data":"AAAA"}\nS{"type":"bye","reason":"revoked"}',
    `B\x01${CALL}\nT${PING}`,
    'S[]\nS{"type":"exec"}\nS{}\nS\nS{"type":"ping","id":1}',
  ],
  words: [
    "\nS",
    "\nR",
    "\nX",
    "\nO",
    "\nB",
    '{"type":',
    '"enc"',
    '"data":"',
    "wcLDxMXG",
    "=",
    "_-",
  ],
  run(input) {
    const lines = input.toString("latin1").split("\n").slice(0, 50);
    return `${played(serverEnd(), lines)} | ${played(nodeEnd(), lines)}`;
  },
};

const NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(NODE_FRAMES),
  ...Object.keys(SERVER_FRAMES),
  ...["flaw", "flaws", "broken", "plain", "malformed", "forged", "replayed"],
]);

/** Once broken, a session reads nothing more. */
function played(end: End, lines: readonly string[]): string {
  const words: string[] = [];
  let last: Buffer | undefined;
  for (const line of lines) {
    const text = Buffer.from(line.slice(1), "latin1");
    const kind = line.slice(0, 1);
    const message = messageOf(end, kind, text, last);
    const read = end.read(message, kind === "B");
    const isGood = kind === "S" || (kind === "X" && !read.isBroken);
    must(isGood || read.isBroken, "what was not sealed by the other end was taken", kind, line);
    if (kind === "S") {
      last = message;
      const clear = decodeAny(text.toString("utf8"), end.direction);
      must(
        !read.isBroken || read.word === "flaws",
        "what was sealed well breaks the session",
        line,
      );
      must(read.isBroken || read.word === clear, "sealing changes a message", read.word, clear);
    }
    words.push(NAMES.has(read.word) ? read.word : "unknown");
    if (read.isBroken) break;
  }
  return [...new Set(words)].slice(0, 4).join(",");
}

function messageOf({ own, peer }: End, kind: string, text: Buffer, last?: Buffer): Buffer {
  const enc = (data: string): Buffer => Buffer.from(encodeFrame({ type: "enc", data }));
  if (kind === "S") return enc(peer.seal(text.toString("utf8")));
  if (kind === "O") return enc(own.seal(text.toString("utf8")));
  if (kind === "X") return enc(text.toString("latin1"));
  return kind === "R" ? (last ?? text) : text;
}

function serverEnd(): End {
  const [own, peer] = [createSealing({ key: KEY }), createSealing({ key: KEY })];
  const channel = createChannel({} as NodeSocket, () => "");
  channel.seal(own);
  return {
    own,
    peer,
    direction: "from_node",
    read(bytes, isBinary) {
      const incoming = channel.read(bytes, isBinary);
      if ("breach" in incoming) return { word: incoming.breach, isBroken: true };
      return { word: wordOf(incoming), isBroken: false };
    },
  };
}

function nodeEnd(): End {
  const [own, peer] = [createSealing({ key: KEY }), createSealing({ key: KEY })];
  const capabilities = new Set(["exec", "read", "write", "input", "cancel", "reset", "task"]);
  const receive = createReceive({ capabilities, sealing: own, now: () => 0 });
  return {
    own,
    peer,
    direction: "from_server",
    read(bytes, isBinary) {
      const receipt = receive({ bytes, isBinary });
      if ("frame" in receipt) return { word: receipt.frame.type, isBroken: false };
      if ("unknown" in receipt) return { word: receipt.unknown, isBroken: false };
      if ("flaw" in receipt) return { word: "flaw", isBroken: false };
      must(receipt.broken === 4008, "an end of a session", receipt.broken, receipt.why);
      return { word: receipt.why.includes("three") ? "flaws" : "broken", isBroken: true };
    },
  };
}

function decodeAny(text: string, direction: FrameDirection): string {
  return wordOf(
    direction === "from_node" ? decodeFrame(text, direction) : decodeFrame(text, direction),
  );
}

function wordOf(decoded: Decoded<NodeFrame | ServerFrame>): string {
  if ("ok" in decoded) return decoded.ok.type;
  return "unknown" in decoded ? decoded.unknown : "flaw";
}
