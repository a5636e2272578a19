import type { NodeLabels } from "@yardmaster/protocol";
import type { NodeFrames } from "@yardmaster/protocol/node";
import type { NodeInfo } from "../hub.types.ts";

/** What is known of a node by its hello. */
export function infoOfHello(hello: NodeFrames["hello"]): NodeInfo {
  return {
    nodeVersion: hello.node_version ?? null,
    platform: hello.platform ?? null,
    arch: hello.arch ?? null,
    instanceId: null,
    labels: {},
    osVersion: null,
    cpuCount: null,
    memBytes: null,
    slots: 1,
    agentVersion: null,
    features: [],
  };
}

/** And by its node_info. */
export function infoWith(info: NodeInfo, frame: NodeFrames["node_info"]): NodeInfo {
  return {
    ...info,
    instanceId: frame.instance_id,
    labels: frame.labels,
    osVersion: frame.os_version ?? null,
    cpuCount: frame.cpu_count ?? null,
    memBytes: frame.mem_bytes ?? null,
    slots: frame.slots,
    agentVersion: frame.agent_version ?? null,
    features: frame.features,
  };
}

/** The operator's win over the node's own. */
export function labelsOf(own: NodeLabels, operator: NodeLabels): NodeLabels {
  return { ...own, ...operator };
}
