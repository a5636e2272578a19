import { isAppError } from "@yardmaster/protocol";
import type { ExecRequest } from "../hub.types.ts";
import type { NodeSlot } from "../link/node-slot.ts";
import { execCallOf } from "./exec-operations.ts";
import type { OperationDeps } from "./operation.ts";

const PROBE: ExecRequest = { command: ":", timeoutMs: 10_000 };

/**
 * Runs a command that does nothing, to see whether a base client still has a shell. Audited like every call.
 * Never rejects: what becomes of it is told by the shell's health.
 */
export async function probe(deps: OperationDeps, slot: NodeSlot): Promise<void> {
  slot.isProbing = true;
  const { name: node, nodeId } = slot;
  const audited = {
    ...{ id: deps.newId(), kind: "exec" as const, actor: "system", nodeId, node },
    details: { command: ":", probe: true },
  };
  const startedMs = deps.monotonicMs();
  let end: { status: string; exitCode?: number };
  try {
    await deps.audit.begin(audited);
    const given = { actor: "system", isProbe: true };
    const call = execCallOf(deps, slot, audited.id, PROBE, given);
    deps.dispatch.sendFirst(slot, call);
    end = await call.outcome;
  } catch (error) {
    end = { status: isAppError(error) ? error.code : "internal" };
  }
  slot.isProbing = false;
  slot.health.isProbeDue = false;
  const { status, exitCode } = end;
  deps.audit.end(audited, { status, exitCode, durationMs: deps.monotonicMs() - startedMs });
  deps.dispatch.pump(slot);
}
