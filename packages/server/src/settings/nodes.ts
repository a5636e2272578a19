import { duration, whole } from "./choices.ts";
import { size } from "./limits.ts";

const MIB = 1_024 * 1_024;
const MINUTE_MS = 60_000;

/** What is let pass of nodes, and waited for. */
export const NODE_SETTINGS = {
  // A base client pings each 30 s: with less than twice that, one late ping would end a link that is well.
  YARD_NODES_STALE: duration
    .refine((ms) => ms >= MINUTE_MS && ms <= 60 * MINUTE_MS, "must be from 1m to 1h")
    .default(75_000)
    .describe("Silence after which the link of a node is taken for dead, from 1m to 1h."),
  YARD_NODES_RATE: whole(0, 100_000)
    .default(100)
    .describe("Messages of a node in a second, beside the output of its calls; 0: any number."),
  YARD_NODES_MESSAGE: size("Largest message of a node", {
    ...{ least: 16 * MIB, usual: 32 * MIB, most: 256 * MIB },
  }),
  // Its own watchdog cuts the link of a base client at 90 s without a message, which it does not read meanwhile.
  YARD_NODES_BASE_TIMEOUT: duration
    .refine((ms) => ms >= 1_000 && ms <= 10 * MINUTE_MS, "must be from 1s to 10m")
    .default(85_000)
    .describe(
      "Longest timeout of a command on a client of the base protocol, from 1s to 10m; the published one loses its link where a command takes more than 90s.",
    ),
} as const;

/** As a hub takes them. */
export interface NodeSettings {
  readonly staleMs: number;
  readonly messagesPerSecond: number;
  readonly inboundBytes: number;
  readonly baseExecMostMs: number;
}

type Read = { readonly [N in keyof typeof NODE_SETTINGS]: number };

export function nodesOf(read: Read): NodeSettings {
  return {
    staleMs: read.YARD_NODES_STALE,
    messagesPerSecond: read.YARD_NODES_RATE,
    inboundBytes: read.YARD_NODES_MESSAGE,
    baseExecMostMs: read.YARD_NODES_BASE_TIMEOUT,
  };
}
