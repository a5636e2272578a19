import {
  CLOSE_KINDS,
  createKeyPair,
  decodeFrame,
  encodeFrame,
  handshakeKey,
  type OutgoingServerFrame,
  proofOf,
} from "@yardmaster/protocol/node";
import { createHandshake } from "../../src/nodes/hub/handshake/handshake.ts";
import type {
  Entry,
  HandshakeDeps,
  HandshakePeer,
} from "../../src/nodes/hub/handshake/handshake.types.ts";
import { createChannel } from "../../src/nodes/hub/wire/channel.ts";
import type { NodeSocket } from "../../src/nodes/hub/wire/node-socket.ts";
import type { NodeSecret } from "../../src/nodes/registry/registry.types.ts";
import { type FuzzTarget, must } from "../target.ts";

const SESSION = "6f1c2c1e-8d0b-4c55-9b7e-2f6f0a3f9b11";
const GRANTS = { exec: true, read: true, write: true, jobs: true, paths: null };
const BASE = { chunks: "on", env: "forward", stdin_guard: false } as const;
/** By the node's name; `sealed` must encrypt, the token of `gone` was revoked. */
const TOKENS = new Map([
  ["plain", "Plain-Token-00000000000000000000000000000_A"],
  ["sealed", "Sealed-Token-0000000000000000000000000000_A"],
  ["gone", "Gone-Token-000000000000000000000000000000_A"],
]);
const PLAIN = TOKENS.get("plain") as string;
const GONE = TOKENS.get("gone") as string;
const SERVER_PRIVATE = Buffer.from(Array.from({ length: 32 }, (_, index) => 0x41 + index));
const SALT = Buffer.alloc(32, 0x81);
const NODE = createKeyPair(Buffer.from(Array.from({ length: 32 }, (_, index) => index + 1)));
const PROOF = proofOf(
  handshakeKey({
    privateKey: NODE.privateKey,
    peerPublic: createKeyPair(SERVER_PRIVATE).publicText,
    salt: SALT.toString("base64url"),
    token: TOKENS.get("sealed") as string,
  }) as Buffer,
  "client-auth",
);

const hello = (name: string, more = ""): string =>
  `{"type":"hello","protocol_version":"0.1.0","node_name":"${name}"${more}}`;
const auth = (name: string, shown: string): string =>
  `{"type":"auth","node_name":"${name}",${shown}}`;
const E2E = `,"e2e":true,"ecdh_pub":"${NODE.publicText}"`;

/** What a stranger sends to log in, message by message: a line is one, an empty line waits for the answer. */
export const nodeHandshakeTarget: FuzzTarget = {
  name: "node-handshake",
  limitMs: 1_000,
  seeds: [
    `${hello("plain")}\n\n${auth("plain", `"token":"${PLAIN}"`)}`,
    `${hello("plain", ',"capabilities":["exec","exec_chunk","read","write","info"]')}\n\n${auth("plain", '"token":"wrong"')}`,
    `${hello("sealed", E2E)}\n\n${auth("sealed", `"proof":"${PROOF}"`)}`,
    `${hello("sealed", E2E)}\n\n${auth("sealed", `"token":"${TOKENS.get("sealed")}"`)}`,
    `${hello("sealed", ',"e2e":true,"ecdh_pub":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"')}\n\n`,
    `${hello("gone")}\n\n${auth("gone", `"token":"${GONE}"`)}`,
    `${hello("plain")}\n${auth("plain", `"token":"${PLAIN}"`)}`,
    `${hello("plain")}\n\n${auth("sealed", `"token":"${PLAIN}"`)}`,
    `${auth("plain", `"token":"${PLAIN}"`)}\n${hello("plain")}`,
    '{"type":"hello","protocol_version":"9.0.0","node_name":"plain"}',
    `${hello("plain")}\n\n{"type":"ping"}\n{"type":"enc","data":"AAAA"}`,
  ],
  words: [
    ...["\n", "\n\n", '"type":', '"hello"', '"auth"', '"node_name":"', "plain", "sealed", "gone"],
    ...['"protocol_version":"', "0.0.9", "1.0", '"capabilities":[', '"e2e":true', '"ecdh_pub":"'],
    ...['"token":"', PLAIN, GONE, '"proof":"', PROOF, "null", "\\u0000", "\\ud800", "{}", "[]"],
  ],
  async run(input) {
    const lines = input.toString("utf8").split("\n").slice(0, 20);
    const { seen, deps, peer } = scene();
    const handshake = createHandshake(deps, peer);
    const channel = createChannel({} as NodeSocket, () => "");
    for (const line of lines) {
      if (line === "") await turn();
      else handshake.take(channel.read(Buffer.from(line), line.startsWith("\x01")));
    }
    await turn();
    const words = seen.sent.map((frame) => `${frame.type} ${reasonOf(frame)}`);
    mustBeInOrder(seen);
    if (seen.entry !== undefined) mustHaveShown(seen.entry, lines);
    return [...words, seen.closed ?? "", seen.entry?.node.name ?? ""].join(" ");
  },
};

interface Seen {
  readonly sent: OutgoingServerFrame[];
  closed?: number;
  refused: number;
  entry?: Entry;
}

function scene(): { seen: Seen; deps: HandshakeDeps; peer: HandshakePeer } {
  const seen: Seen = { sent: [], refused: 0 };
  const bytes = [SERVER_PRIVATE, SALT];
  const peer: HandshakePeer = {
    address: "192.0.2.1",
    isTls: true,
    send(frame) {
      must(seen.closed === undefined && seen.entry === undefined, "sent after the end", frame);
      seen.sent.push(frame);
    },
    close(code) {
      must(seen.closed === undefined && seen.entry === undefined, "closed twice", code);
      seen.closed = code;
    },
    admit(entry) {
      must(seen.closed === undefined && seen.entry === undefined, "admitted after the end");
      seen.entry = entry;
    },
    refused() {
      seen.refused++;
    },
    fault(error) {
      throw error;
    },
  };
  const deps: HandshakeDeps = {
    loginRate: { take: () => 0 },
    registry: { helloPolicy, verify, admit, left: async () => {}, refused: () => {} },
    newId: () => SESSION,
    random: (count) => bytes.shift() ?? Buffer.alloc(count),
    timestamp: () => "2026-01-01T00:00:00.000Z",
    monotonicMs: () => 0,
    handshakeMs: 10_000,
    sealedFrames: 2 ** 20,
    hasJobs: true,
  };
  return { seen, deps, peer };
}

const helloPolicy: HandshakeDeps["registry"]["helloPolicy"] = async (name) => {
  const e2e = name === "sealed" ? "required" : "off";
  const secrets: NodeSecret[] = e2e === "off" ? [] : [secretOf(name)];
  return { e2e, grants: GRANTS, base: BASE, secrets };
};

function secretOf(name: string): NodeSecret {
  const text = TOKENS.get(name) ?? "";
  return { nodeId: name, tokenId: name, text, over: name === "gone" ? "node_revoked" : undefined };
}

const verify: HandshakeDeps["registry"]["verify"] = async (name, token) => {
  if (TOKENS.get(name) !== token) return { kind: "invalid", known: undefined };
  if (name === "gone") return { kind: "revoked", known: { nodeId: name, why: "node_revoked" } };
  const e2e = name === "sealed" ? "required" : "off";
  return { kind: "valid", nodeId: name, tokenId: name, e2e };
};

const admit: HandshakeDeps["registry"]["admit"] = async ({ nodeId }) => ({
  kind: "admitted",
  epoch: 1,
  replaced: null,
  node: { nodeId, name: nodeId, e2e: "off", grants: GRANTS, base: BASE, operatorLabels: {} },
});

/** All promises that are settled have had their turn. */
function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

function reasonOf(frame: OutgoingServerFrame): string {
  return "reason" in frame && typeof frame.reason === "string" ? frame.reason : "";
}

/** At most one greeting, then at most one refusal and its code; every frame is one that a node reads. */
function mustBeInOrder({ sent, closed, refused, entry }: Seen): void {
  const types = sent.map(({ type }) => type).join();
  must(/^(hello_ack)?,?(hello_err|auth_err)?$/.test(types), "the order of frames", types);
  for (const frame of sent)
    must("ok" in decodeFrame(encodeFrame(frame), "from_server"), "no node reads this", frame);
  must(/err$/.test(types) === false || closed !== undefined, "refused and left open", types);
  const codes: number[] = Object.values(CLOSE_KINDS).map(({ code }) => code);
  must(closed === undefined || codes.includes(closed), "a code that is none", closed);
  must(refused === (closed === undefined ? 0 : 1), "a refusal is told once", refused);
  must(entry === undefined || types === "hello_ack", "admitted without a greeting", types);
}

/** Whoever was let in has shown what only that node knows. */
function mustHaveShown({ node, e2e }: Entry, lines: readonly string[]): void {
  must(node.name === "plain" || node.name === "sealed", "let in", node.name);
  must((node.name === "sealed") === (e2e !== undefined), "encryption", node.name);
  const shown = lines.some((line) => {
    const decoded = decodeFrame(line, "from_node");
    if (!("ok" in decoded) || decoded.ok.type !== "auth") return false;
    const { node_name, token, proof } = decoded.ok;
    return node_name === node.name && (e2e === undefined ? token === PLAIN : proof === PROOF);
  });
  must(shown, "let in without a token", node.name);
}
