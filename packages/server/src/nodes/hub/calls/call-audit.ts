import type { JsonObject } from "@yardmaster/protocol";
import type { AuditEntry, AuditRecorder } from "../../../audit/index.ts";
import type { CallKind } from "./call.types.ts";

export interface AuditedCall {
  readonly id: string;
  readonly kind: CallKind;
  readonly actor: string;
  readonly nodeId: string;
  readonly node: string;
  readonly details: JsonObject;
}

export interface CallEnd {
  readonly status: string;
  readonly durationMs: number;
  readonly exitCode?: number | undefined;
  readonly sessionId?: string | undefined;
  readonly details?: JsonObject | undefined;
}

/** Both rows of every call, under the id that the node has it by too. */
export interface CallAudit {
  /** Durable before anything is sent. @throws AppError `unavailable` where it cannot be */
  begin(call: AuditedCall): Promise<void>;
  /** Nobody waits for it; it is written in its turn. */
  end(call: AuditedCall, end: CallEnd): void;
  late(call: Omit<AuditedCall, "details">, sessionId: string): void;
  canceled(call: Omit<AuditedCall, "details">, reason: string): void;
}

export function createCallAudit(
  audit: AuditRecorder,
  onFault: (error: unknown) => void,
): CallAudit {
  function entry(call: Omit<AuditedCall, "details">, more: Partial<AuditEntry>): AuditEntry {
    return {
      actor: call.actor,
      action: `node.${call.kind}`,
      subject: call.node,
      nodeId: call.nodeId,
      requestId: call.id,
      phase: "end",
      ...more,
    };
  }

  function later(row: AuditEntry): void {
    audit.record(row, { isAwaited: false }).catch(onFault);
  }

  return {
    begin: (call) => audit.record(entry(call, { phase: "begin", details: call.details })),
    end: (call, { durationMs, ...end }) =>
      later(entry(call, { ...end, durationMs: Math.round(durationMs) })),
    late: (call, sessionId) => later(entry(call, { status: "late", sessionId })),
    canceled: (call, reason) =>
      later(entry(call, { action: "node.cancel", phase: "event", details: { reason } })),
  };
}
