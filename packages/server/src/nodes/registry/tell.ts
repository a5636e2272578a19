import type { Json, NodeChange } from "@yardmaster/protocol";
import type { AuditEntry, AuditRecorder } from "../../audit/index.ts";
import type { Log } from "../../db/index.ts";
import type { Engine } from "../../engine/index.ts";

export interface AboutNode {
  readonly nodeId: string;
  readonly name: string;
}

/** Tells what happens to nodes: followers of the change feed, and the audit. */
export interface Tell {
  /** After the change is durable. Never rejects: what cannot be announced is logged. */
  announce(
    change: NodeChange,
    node: AboutNode,
    fields?: { readonly [field: string]: Json },
  ): Promise<void>;
  /** Resolves when it is durable. @throws AppError `unavailable` */
  record(entry: AuditEntry): Promise<void>;
  /** As `record`, for what has happened anyhow: a failure is logged. */
  note(entry: AuditEntry): Promise<void>;
}

export interface TellDeps {
  readonly engine: Pick<Engine, "commit">;
  readonly audit: AuditRecorder;
  readonly log: Log;
}

export function createTell({ engine, audit, log }: TellDeps): Tell {
  const record = (entry: AuditEntry): Promise<void> => audit.record(entry);
  return {
    record,
    async note(entry) {
      await record(entry).catch((error: unknown) =>
        log.warn(
          { err: error, action: entry.action, node: entry.subject },
          "the audit could not keep what happened to a node",
        ),
      );
    },
    async announce(change, { nodeId, name }, fields = {}) {
      const type = `node.${change}` as const;
      try {
        await engine.commit({ runs: [], announce: [{ type, id: nodeId, node: name, ...fields }] });
      } catch (error) {
        log.warn({ err: error, node: name, type }, "a change of a node could not be announced");
      }
    },
  };
}
