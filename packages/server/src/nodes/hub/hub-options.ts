import { NODE_LIMITS, NODE_TIMES, SEALED_FRAMES_MOST } from "@yardmaster/protocol/node";

/** What a hub allows and for how long it waits. All times in milliseconds. */
export interface HubOptions {
  readonly handshakeMs: number;
  /** Nothing received for so long: 4010. At least twice the ping of a base client. */
  readonly staleMs: number;
  readonly pingMs: number;
  readonly pongMs: number;
  readonly writeMs: number;
  readonly closeWaitMs: number;
  /** How often all links are looked at, by one timer. */
  readonly checkMs: number;
  /** How long calls and leases wait for a lost node that can resume. */
  readonly graceMs: number;
  /** How long a new session may take to say what it resumes. */
  readonly resumeWaitMs: number;
  /** What a node gets to finish when it says goodbye without a time of its own. */
  readonly drainMs: number;
  readonly drainMostMs: number;
  /** How long calls wait for a base client that was sent away for a fresh shell. */
  readonly recycleMs: number;
  readonly baseExecMostMs: number;
  readonly execMostMs: number;
  /** After an exec's own timeout, before it is given up here. */
  readonly resultSlackMs: number;
  /** How long a piece of input waits for the command to read what came before; who gives it may give it again. */
  readonly inputWaitMs: number;
  readonly fileMs: number;
  /** After the grace of a cancel, before a call is given up that the node does not end. */
  readonly cancelSlackMs: number;
  /** Of inbound messages per rolling second and node; 0: unlimited. */
  readonly messagesPerSecond: number;
  readonly badFramesPerMinute: number;
  /** Of one node; 0: unlimited. Who loses its link again and again backs off, and stays far below it. */
  readonly loginsPerMinute: number;
  /** Of one caller to one node; 0: unlimited. */
  readonly callsPerSecond: number;
  /** Calls of a node that are open at once, those that wait for a base client included. */
  readonly openCalls: number;
  readonly queuedCalls: number;
  /** The largest message of a node that is logged in; over it the link is closed with 1009. */
  readonly inboundBytes: number;
  /** Encrypted messages of one session, both ways, before it is renewed. */
  readonly sealedFrames: number;
  /** Messages to a node that wait in memory, beyond which calls are refused as `node_busy`. */
  readonly queueBytes: number;
  /** Output of a call that waits for a slow reader, where the node knows no credit. */
  readonly unreadBytes: number;
  readonly strangers: number;
  readonly strangersPerAddress: number;
  readonly failuresPerMinute: number;
  /** Without TLS: from loopback and declared proxies only, or from anywhere. */
  readonly plain: "loopback" | "anywhere";
  /** Addresses or networks of proxies that end TLS. */
  readonly proxies: readonly string[];
}

export const HUB_OPTIONS: HubOptions = {
  handshakeMs: NODE_TIMES.handshakeMs,
  staleMs: NODE_TIMES.staleMs,
  pingMs: NODE_TIMES.lifecyclePingMs,
  pongMs: NODE_TIMES.lifecyclePongMs,
  writeMs: NODE_TIMES.writeMs,
  closeWaitMs: 2_000,
  checkMs: 500,
  graceMs: NODE_TIMES.graceMs,
  resumeWaitMs: NODE_TIMES.resumeWaitMs,
  drainMs: NODE_TIMES.drainMs,
  drainMostMs: 600_000,
  recycleMs: 90_000,
  baseExecMostMs: NODE_TIMES.baseExecMostMs,
  execMostMs: NODE_TIMES.execStrictMostMs,
  resultSlackMs: 5_000,
  inputWaitMs: 20_000,
  fileMs: 30_000,
  cancelSlackMs: 10_000,
  messagesPerSecond: NODE_LIMITS.messagesPerSecond,
  badFramesPerMinute: 3,
  loginsPerMinute: 30,
  callsPerSecond: 2_000,
  openCalls: 256,
  queuedCalls: 64,
  inboundBytes: NODE_LIMITS.inboundBytes,
  sealedFrames: SEALED_FRAMES_MOST,
  queueBytes: NODE_LIMITS.inboundBytes,
  unreadBytes: NODE_LIMITS.inboundBytes,
  strangers: 1_024,
  strangersPerAddress: 256,
  failuresPerMinute: 60,
  plain: "loopback",
  proxies: [],
};
