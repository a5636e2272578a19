import { availableParallelism, type as osType, release, totalmem } from "node:os";
import { type OutgoingNodeFrames, RENAMES } from "@yardmaster/protocol/node";
import type { Config } from "./config/config.ts";
import { archName, platformName } from "./link/identity.ts";
import { NODE_VERSION } from "./version.ts";

export interface NodeInfoOptions {
  /** Random, for as long as the process lives. */
  readonly instanceId: string;
  readonly config: Pick<Config, "labels" | "slots">;
  readonly features: readonly string[];
}

/** What a node says of itself after each login. Its owner's labels win over those that it gives itself. */
export function nodeInfo({
  instanceId,
  config,
  features,
}: NodeInfoOptions): OutgoingNodeFrames["node_info"] {
  return {
    type: "node_info",
    instance_id: instanceId,
    labels: { os: platformName(), arch: archName(), ...config.labels },
    os_version: `${osType()} ${release()}`.slice(0, 256),
    cpu_count: availableParallelism(),
    mem_bytes: totalmem(),
    slots: config.slots,
    agent_version: NODE_VERSION,
    features: [...features, RENAMES],
  };
}
