import { isAppError, type JsonObject, type NewId } from "@yardmaster/protocol";
import type { AuditAction } from "../../audit/index.ts";
import type { Tell } from "./tell.ts";

export interface AuditedAct {
  readonly actor: string;
  readonly action: AuditAction;
  /** Name of the node. */
  readonly subject: string;
  readonly details?: JsonObject;
}

export interface AuditedDeps {
  readonly tell: Pick<Tell, "record" | "note">;
  readonly newId: NewId;
  readonly monotonicMs: () => number;
}

/**
 * Does what somebody asked between two rows of the audit: the first is durable before anything happens, so that nothing
 * is done that nobody can find; the second has what became of it.
 */
export async function audited<T extends { readonly nodeId: string }>(
  { tell, newId, monotonicMs }: AuditedDeps,
  act: AuditedAct,
  work: () => Promise<T>,
): Promise<T> {
  const requestId = newId();
  const startedMs = monotonicMs();
  const end = (status: string, nodeId?: string): Promise<void> =>
    tell.note({
      ...act,
      nodeId,
      requestId,
      phase: "end",
      status,
      durationMs: Math.round(monotonicMs() - startedMs),
    });
  await tell.record({ ...act, requestId, phase: "begin" });
  try {
    const done = await work();
    await end("ok", done.nodeId);
    return done;
  } catch (error) {
    await end(isAppError(error) ? error.code : "internal");
    throw error;
  }
}
