import { AppError } from "@yardmaster/protocol";
import type { OutgoingServerFrame } from "@yardmaster/protocol/node";
import type { LinkSession } from "./jobs.types.ts";
import type { Link } from "./link/link.types.ts";
import { labelsOf } from "./link/node-info.ts";

export interface JobSession extends LinkSession {
  /** The link is gone: what was not taken never will be. */
  end(): void;
}

/** A link as those who lease jobs see it. */
export function createJobSession(link: Link, queueBytes: number): JobSession {
  const untaken = new Set<(error: AppError) => void>();

  function gone(): AppError {
    const detail = `The link of node ${link.node.name} is gone; what was sent over it may not have come`;
    return new AppError("node_disconnected", detail);
  }

  return {
    sessionId: link.sessionId,
    nodeId: link.node.nodeId,
    epoch: link.epoch,
    capabilities: link.capabilities,
    get nodeName() {
      return link.node.name;
    },
    get info() {
      return link.info;
    },
    get labels() {
      return labelsOf(link.info.labels, link.node.operatorLabels);
    },
    get isOpen() {
      return link.state !== "over";
    },
    get isDraining() {
      return link.state === "draining" || !link.node.grants.jobs;
    },
    send(frame) {
      if (link.state === "over") return Promise.reject(gone());
      if (link.queuedBytes > queueBytes) {
        const detail = `Node ${link.node.name} does not take what was sent to it; ${link.queuedBytes} bytes wait already`;
        return Promise.reject(new AppError("node_busy", detail));
      }
      return new Promise((resolve, reject) => {
        untaken.add(reject);
        link.send(frame as OutgoingServerFrame, () => {
          untaken.delete(reject);
          resolve();
        });
      });
    },
    end() {
      for (const reject of untaken) reject(gone());
      untaken.clear();
    },
  };
}
