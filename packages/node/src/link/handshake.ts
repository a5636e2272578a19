import type { KeyObject } from "node:crypto";
import {
  agreeVersion,
  CLOSE,
  createKeyPair,
  createSealing,
  decodeFrame,
  encodeFrame,
  handshakeKey,
  IMPLIED_CAPABILITIES,
  isProof,
  type KeyPair,
  NODE_PROTOCOL_VERSION,
  NODE_TIMES,
  type OutgoingNodeFrame,
  proofOf,
  type Sealing,
  type ServerFrames,
  sessionKey,
} from "@yardmaster/protocol/node";
import type { WebSocket } from "ws";
import type { Config } from "../config/config.ts";
import { NODE_VERSION } from "../version.ts";
import { type Ending, endingOfClose, final } from "./ending.ts";
import { archName, offeredCapabilities, platformName } from "./identity.ts";
import type { Reader } from "./reader.ts";
import { encryptOrNot, endingOf } from "./refusal.ts";
import { createClosing } from "./session/closing.ts";

/** What both sides agreed on. */
export interface Agreement {
  readonly sessionId: string;
  readonly protocolVersion: string;
  readonly capabilities: ReadonlySet<string>;
  /** Under end-to-end encryption. */
  readonly sealing: Sealing | undefined;
  /** For taking the session up again, where the server can. */
  readonly resume: { readonly token: string; readonly graceMs: number } | undefined;
}

export interface HandshakeOptions {
  readonly config: Config;
  readonly token: string;
  /** Whether this server has encrypted before: then a token never goes to it in clear. */
  readonly hasEncrypted: boolean;
  readonly now: () => number;
  readonly waitMs?: number;
}

type Step<Value> = { readonly ok: Value } | { readonly ending: Ending; readonly close: number };

/**
 * Logs in over a socket that has just opened. With end-to-end encryption the server must prove
 * that it knows the token, and a server that leaves encryption out is given nothing, unless the owner prefers a link
 * in clear and the server has never done better. Closes the socket where it fails.
 */
export async function shakeHands(
  socket: WebSocket,
  reader: Reader,
  options: HandshakeOptions,
): Promise<{ ok: Agreement } | { ending: Ending }> {
  const result = await agree(socket, reader, options);
  if ("ok" in result) return result;
  // Nobody waits for what it goes on to send: kept, it would fill the memory until the socket is gone.
  reader.flow(
    () => {},
    () => {},
  );
  createClosing(socket).close(result.close);
  return { ending: result.ending };
}

async function agree(
  socket: WebSocket,
  reader: Reader,
  options: HandshakeOptions,
): Promise<Step<Agreement>> {
  const { config, now, waitMs = NODE_TIMES.handshakeMs } = options;
  const greeting = await greet(socket, reader, options);
  if (!("ok" in greeting)) return greeting;
  const { ack, keys } = greeting.ok;
  const credential = credentialFor(ack, keys, options);
  if (!("ok" in credential)) return credential;
  const { key, ...shown } = credential.ok;
  const ts = new Date(now()).toISOString();
  socket.send(encodeFrame({ type: "auth", node_name: config.name, ...shown, ts }));
  const welcome = await hear(reader, "auth_ok", waitMs);
  if (!("ok" in welcome)) return welcome;
  return agreement(ack, welcome.ok, { key, offered: offeredCapabilities(config) });
}

interface Greeting {
  readonly ack: ServerFrames["hello_ack"];
  /** Ours, for end-to-end encryption. */
  readonly keys: KeyPair | undefined;
}

/** The first half: who we are, and what the server makes of it. Nothing secret has been said. */
export async function greet(
  socket: WebSocket,
  reader: Reader,
  {
    config,
    now,
    waitMs = NODE_TIMES.handshakeMs,
  }: Omit<HandshakeOptions, "token" | "hasEncrypted">,
): Promise<Step<Greeting>> {
  const keys = config.e2e === "off" ? undefined : createKeyPair();
  socket.send(encodeFrame({ ...helloOf(config, keys), ts: new Date(now()).toISOString() }));
  const ack = await hear(reader, "hello_ack", waitMs);
  if (!("ok" in ack)) return ack;
  const { protocol_version } = ack.ok;
  if ("agreed" in agreeVersion(protocol_version)) return { ok: { ack: ack.ok, keys } };
  const what = `the server speaks version ${protocol_version}, this node ${NODE_PROTOCOL_VERSION}`;
  return { ending: final("bad_version", what), close: CLOSE.bad_version };
}

/** Nothing beyond the base protocol: some servers refuse a hello with fields that they do not know. */
function helloOf(config: Config, keys: KeyPair | undefined): OutgoingNodeFrame {
  return {
    type: "hello",
    protocol_version: NODE_PROTOCOL_VERSION,
    node_name: config.name,
    node_version: NODE_VERSION,
    platform: platformName(),
    arch: archName(),
    capabilities: offeredCapabilities(config),
    ...(keys === undefined ? {} : { e2e: true, ecdh_pub: keys.publicText }),
  };
}

/** The next frame, which must be of this type. */
async function hear<Type extends "hello_ack" | "auth_ok">(
  reader: Reader,
  type: Type,
  waitMs: number,
): Promise<Step<ServerFrames[Type]>> {
  const arrival = await reader.next(waitMs);
  if ("closed" in arrival) {
    return broken(endingOfClose(arrival.closed.code, arrival.closed.reason));
  }
  if (!("message" in arrival))
    return lost(`no ${type} came within ${waitMs / 1000} s`, CLOSE.handshake_timeout);
  const { bytes, isBinary } = arrival.message;
  const decoded = decodeFrame(isBinary ? "" : bytes.toString("utf8"), "from_server");
  if (!("ok" in decoded)) return lost("the server's answer is not of this protocol");
  const { ok: frame } = decoded;
  if (frame.type === type) return { ok: frame as ServerFrames[Type] };
  const ending = endingOf(frame);
  if (ending !== undefined) return broken(ending);
  return lost(`the server answered ${frame.type} where ${type} belongs`);
}

interface Credential {
  readonly token?: string;
  readonly proof?: string;
  /** The handshake key, under end-to-end encryption. */
  readonly key: Buffer | undefined;
}

function credentialFor(
  ack: ServerFrames["hello_ack"],
  keys: KeyPair | undefined,
  { config, token, hasEncrypted }: HandshakeOptions,
): Step<Credential> {
  if (keys === undefined) return { ok: { token, key: undefined } };
  if (ack.ecdh_pub === undefined || ack.salt === undefined) {
    if (config.e2e === "preferred" && !hasEncrypted) return { ok: { token, key: undefined } };
    return lost(
      `the server left end-to-end encryption out, so it was not given the token: ${encryptOrNot(config.name)}`,
    );
  }
  const key = keyOf(ack.ecdh_pub, ack.salt, token, keys.privateKey);
  if (key === undefined) return lost("the server's key for end-to-end encryption is not one");
  return { ok: { proof: proofOf(key, "client-auth"), key } };
}

function keyOf(peerPublic: string, salt: string, token: string, privateKey: KeyObject) {
  return handshakeKey({ peerPublic, salt, token, privateKey });
}

function agreement(
  ack: ServerFrames["hello_ack"],
  welcome: ServerFrames["auth_ok"],
  { key, offered }: { key: Buffer | undefined; offered: readonly string[] },
): Step<Agreement> {
  const { session_id: sessionId, protocol_version: protocolVersion } = ack;
  if (key !== undefined && !isProof(key, "server-auth", welcome.proof)) {
    return lost("the server did not prove that it knows this node's token", CLOSE.auth_failed);
  }
  const { resume_token: token, grace_ms: graceMs = NODE_TIMES.graceMs } = welcome;
  const granted: readonly string[] = ack.capabilities ?? IMPLIED_CAPABILITIES;
  const capabilities = new Set(granted.filter((token) => offered.includes(token)));
  const canResume = token !== undefined && capabilities.has("resume");
  return {
    ok: {
      sessionId,
      protocolVersion,
      capabilities,
      sealing: key === undefined ? undefined : createSealing({ key: sessionKey(key, sessionId) }),
      resume: canResume ? { token, graceMs } : undefined,
    },
  };
}

function lost(why: string, close: number = CLOSE.bad_handshake): Step<never> {
  return { ending: { kind: "lost", why }, close };
}

function broken(ending: Ending): Step<never> {
  return { ending, close: CLOSE.normal };
}
