const KIB = 1024;
const MIB = 1024 * KIB;

/** What the wire protocol of nodes bounds. Sizes in bytes unless the name says otherwise. */
export const NODE_LIMITS = {
  /** The largest message, in either direction, that a base client sends or takes. */
  messageBytes: 16 * MIB,
  /** What the server takes before a node is logged in, and of each handshake frame. */
  handshakeBytes: 64 * KIB,
  /** What the server takes afterwards: results of base clients, with JSON escapes and encryption, outgrow 16 MiB. */
  inboundBytes: 32 * MIB,
  idChars: 64,
  tsChars: 40,
  reasonChars: 64,
  /** `detail` and `error_detail` are cut here, not refused. */
  detailChars: 4096,
  versionChars: 32,
  nameChars: 64,
  /** Cut here, not refused. */
  actorChars: 256,
  tokenChars: 128,
  pathChars: 4096,
  commandBytes: 256 * KIB,
  envPairs: 256,
  envBytes: 64 * KIB,
  capabilities: 128,
  /** What older servers take in a hello: our client keeps to it. */
  helloCapabilities: 16,
  capabilityChars: 32,
  labels: 64,
  labelChars: 128,
  argvItems: 4096,
  fileBytes: 10 * MIB,
  /** One range of a file with capability `files`, and one piece of a job's file. */
  rangeBytes: MIB,
  outputBytes: 10 * MIB,
  inputBytes: 64 * KIB,
  jobFiles: 10_000,
  resumedCalls: 10_000,
  /** How deep free JSON (a job's payload, its outputs) may nest. */
  jsonDepth: 64,
  messagesPerSecond: 100,
} as const;

/** Waiting times of the wire protocol, in milliseconds. */
export const NODE_TIMES = {
  handshakeMs: 10_000,
  writeMs: 10_000,
  pingMs: 30_000,
  /** The client's watchdog: no message for so long, and the link is dead. */
  watchdogMs: 90_000,
  /** The server's: no frame for so long closes 4010. */
  staleMs: 75_000,
  lifecyclePingMs: 15_000,
  lifecyclePongMs: 10_000,
  execDefaultMs: 60_000,
  execLeastMs: 1_000,
  execMostMs: 600_000,
  /** With `exec_strict`. */
  execStrictMostMs: 86_400_000,
  baseExecMostMs: 85_000,
  killGraceMs: 5_000,
  /** Nobody waits longer for a process that heeds no TERM. */
  killGraceMostMs: 300_000,
  flushMs: 100,
  leaseMs: 60_000,
  offerMs: 10_000,
  resumeWaitMs: 5_000,
  graceMs: 120_000,
  /** How long a node remembers ended calls: a repeated id within it is the same call. */
  rememberedMs: 600_000,
  drainMs: 5_000,
  oldTokenMs: 600_000,
} as const;

/** Flow of output and input, in bytes. */
export const NODE_FLOW = {
  creditBytes: MIB,
  flushBytes: 16 * KIB,
  /** What a node keeps of unacknowledged output while its link is down, over all calls. */
  unacknowledgedBytes: 64 * MIB,
  /** Input of a call that its command has not taken: what a node keeps of it, and what is sent where it acknowledges. */
  inputAheadBytes: MIB,
  inputAheadPieces: 1_024,
} as const;

/** Milliseconds an exec may take: absent, zero and negative mean the default; the rest is held between least and most. */
export function clampTimeoutMs(
  asked: number | undefined,
  mostMs: number = NODE_TIMES.execMostMs,
): number {
  if (asked === undefined || asked <= 0) return Math.min(NODE_TIMES.execDefaultMs, mostMs);
  return Math.min(Math.max(asked, NODE_TIMES.execLeastMs), mostMs);
}
