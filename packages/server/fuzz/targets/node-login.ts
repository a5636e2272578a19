import {
  createKeyPair,
  decodeFrame,
  handshakeKey,
  type NodeFrame,
  proofOf,
} from "@yardmaster/protocol/node";
import type { WebSocket } from "ws";
import { type Config, configSchema } from "../../../node/src/config/config.ts";
import { type Agreement, shakeHands } from "../../../node/src/link/handshake.ts";
import type { Arrival, Reader } from "../../../node/src/link/reader.ts";
import { createReceive } from "../../../node/src/link/session/receive.ts";
import { type FuzzTarget, must, wordFor } from "../target.ts";

const TOKEN = "Yard-Test-Token-0000000000000000000000000_A";
const SERVER = createKeyPair(Buffer.from(Array.from({ length: 32 }, (_, index) => 0x41 + index)));
const SALT = Buffer.alloc(32, 0x81).toString("base64url");
const SESSION = "6f1c2c1e-8d0b-4c55-9b7e-2f6f0a3f9b11";
/** Stands in an input for the proof of a server that knows the token. */
const PROOF = "PROOFPROOFPROOFPROOFPROOFPROOFPROOFPROOFPRO";

const ack = (more = ""): string =>
  `{"type":"hello_ack","protocol_version":"0.1.0","session_id":"${SESSION}","server_time":"2026-01-01T00:00:00.000Z"${more}}`;
const KEYS = `,"ecdh_pub":"${SERVER.publicText}","salt":"${SALT}"`;
const CAPABILITIES = ',"capabilities":["exec","read","resume","binary","made_up"]';
const OK = `{"type":"auth_ok","session_id":"${SESSION}"}`;
const RESUMABLE = `{"type":"auth_ok","session_id":"${SESSION}","epoch":2,"resume_token":"rt","grace_ms":1}`;

/**
 * What a server sends to a node that logs in, and then. The first line is how the node is set: `off`, `preferred` or
 * `required`, with a `+` where this server has encrypted before. A line is a message; `C` and a number closes.
 */
export const nodeLoginTarget: FuzzTarget = {
  name: "node-login",
  limitMs: 1_000,
  seeds: [
    `off\n${ack()}\n${OK}\n{"type":"ping"}\n{"type":"exec","id":"a","command":"true"}`,
    `off\n${ack(CAPABILITIES)}\n${RESUMABLE}\n{"type":"resume_ok","calls":[],"leases":[]}`,
    `off\n${ack(`${KEYS}${CAPABILITIES}`)}\n${OK}`,
    `required\n${ack(KEYS)}\n{"type":"auth_ok","session_id":"${SESSION}","proof":"${PROOF}"}\n{"type":"ping"}`,
    `required\n${ack()}\n${OK}`,
    `required\n${ack(KEYS)}\n${OK}`,
    `preferred\n${ack()}\n${OK}\n[]\n[]\n[]`,
    `preferred+\n${ack()}\n${OK}`,
    'off\n{"type":"hello_err","reason":"unsupported_protocol_version","code":4002,"server_max_version":"0.1.0"}',
    `off\n${ack()}\n{"type":"auth_err","reason":"invalid_token","code":4001}\nC4001`,
    `off\n${ack()}\nC4006 revoked`,
    `off\n${ack()}\n{"type":"rate_limit","reason":"rate_limit_exceeded","code":4004,"retry_after_ms":5}`,
  ],
  words: [
    ...["\n", "C1000", "C4011", "+\n", '"type":', '"hello_ack"', '"auth_ok"', '"bye"', '"error"'],
    ...['"ecdh_pub":"', SERVER.publicText, '"salt":"', SALT, '"proof":"', PROOF, '"session_id":""'],
    ...['"protocol_version":"1.0"', '"capabilities":[', '"resume_token":', "-1", "1e9", "\\u0000"],
  ],
  async run(input) {
    const [mode = "", ...lines] = input.toString("utf8").split("\n").slice(0, 30);
    const config = configOf(mode);
    const hasEncrypted = mode.endsWith("+");
    const scene = createScene(lines);
    const options = { config, token: TOKEN, hasEncrypted, now: () => 0, waitMs: 10 };
    const result = await shakeHands(scene.socket, scene.reader, options);
    mustKeepTheToken(scene, config, hasEncrypted);
    if ("ending" in result) {
      must(scene.closes.length === 1, "left open, or closed twice", scene.closes);
      return `${result.ending.kind} ${"why" in result.ending ? wordFor(result.ending.why) : ""}`;
    }
    must(scene.closes.length === 0, "closed and connected", scene.closes);
    mustBeAgreed(result.ok, scene, config);
    return `ok ${received(result.ok, scene.rest())}`;
  },
};

function configOf(mode: string): Config {
  const e2e = (["preferred", "required"] as const).find((word) => mode.startsWith(word)) ?? "off";
  return configSchema.parse({ server: "wss://yard.test", name: "lab", token: TOKEN, e2e });
}

/** A socket whose other side says what the lines say, with the right proof where they ask for one. */
function createScene(lines: readonly string[]) {
  const sent: NodeFrame[] = [];
  const closes: number[] = [];
  let at = 0;
  let proof = PROOF;
  const socket = {
    send(text: string) {
      const decoded = decodeFrame(text, "from_node");
      must("ok" in decoded, "no server reads this", text);
      sent.push(decoded.ok);
      if (decoded.ok.type === "hello") proof = proofFor(decoded.ok.ecdh_pub) ?? PROOF;
    },
    close(code: number) {
      // What `ws` takes; it throws for others.
      must(code === 1000 || (code >= 4000 && code <= 4999), "no code to close with", code);
      closes.push(code);
    },
    terminate: () => undefined,
  } as unknown as WebSocket;
  const messageOf = (line: string) => ({
    bytes: Buffer.from(line.replaceAll(PROOF, () => proof)),
    isBinary: line.startsWith("\x01"),
  });
  function next(): Arrival {
    const line = lines[at++];
    if (line === undefined) return { closed: { code: 1006, reason: "" } };
    const closed = /^C(\d{4})(.*)/.exec(line);
    if (closed === null) return { message: messageOf(line) };
    return { closed: { code: Number(closed[1]), reason: closed[2] ?? "" } };
  }
  const reader: Reader = { next: async () => next(), flow: () => undefined };
  return {
    socket,
    reader,
    sent,
    closes,
    proof: () => proof,
    /** The message that was read last. */
    last: () => messageOf(lines[at - 1] ?? "").bytes.toString("utf8"),
    rest: () => lines.slice(at).map(messageOf),
  };
}

type Scene = ReturnType<typeof createScene>;

function proofFor(nodePublic: string | undefined): string | undefined {
  if (nodePublic === undefined) return undefined;
  const { privateKey } = SERVER;
  const key = handshakeKey({ privateKey, peerPublic: nodePublic, salt: SALT, token: TOKEN });
  return key && proofOf(key, "server-auth");
}

/** The token goes out in clear only where the owner lets it, and to a server that has never encrypted. */
function mustKeepTheToken({ sent }: Scene, { e2e }: Config, hasEncrypted: boolean): void {
  must(sent.length <= 2, "more than hello and auth", sent.length);
  const mayShow = e2e === "off" || (e2e === "preferred" && !hasEncrypted);
  must(mayShow || !JSON.stringify(sent).includes(TOKEN), "the token was shown in clear", e2e);
}

function mustBeAgreed({ capabilities, sealing }: Agreement, scene: Scene, { e2e }: Config): void {
  const [hello, auth] = scene.sent;
  must(hello?.type === "hello" && auth?.type === "auth", "connected without a login");
  const offered = hello.capabilities ?? [];
  must(
    [...capabilities].every((token) => offered.includes(token)),
    "what was not offered was agreed on",
    [...capabilities],
  );
  must(e2e !== "required" || sealing !== undefined, "connected in clear");
  must((sealing === undefined) === (auth.proof === undefined), "a proof without encryption");
  const welcome = decodeFrame(scene.last(), "from_server");
  must("ok" in welcome && welcome.ok.type === "auth_ok", "connected without a welcome");
  must(sealing === undefined || welcome.ok.proof === scene.proof(), "a server without a proof");
}

/** What comes behind the login, as far as the session reads it. */
function received(agreement: Agreement, rest: ReturnType<Scene["rest"]>): string {
  const receive = createReceive({ ...agreement, now: () => 0 });
  const words: string[] = [];
  for (const message of rest) {
    const receipt = receive(message);
    const isClear = agreement.sealing === undefined;
    must(
      isClear || !("frame" in receipt),
      "a message in clear was taken",
      message.bytes.toString(),
    );
    if ("broken" in receipt) {
      must(receipt.broken === 4008, "an end of a session", receipt.broken);
      return [...words, "broken"].join();
    }
    words.push("frame" in receipt ? receipt.frame.type : "flaw" in receipt ? "flaw" : "unknown");
  }
  return words.slice(0, 4).join();
}
