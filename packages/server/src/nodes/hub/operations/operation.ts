import type { Call } from "../calls/call.types.ts";
import type { CallAudit } from "../calls/call-audit.ts";
import { createPlainCall, type PlainBody, type PlainCall } from "../calls/plain-call.ts";
import type { RunCallDeps } from "../calls/run-call.ts";
import type { HubOptions } from "../hub-options.ts";
import type { NodeSlot } from "../link/node-slot.ts";

export interface OperationDeps extends RunCallDeps {
  readonly audit: CallAudit;
  readonly options: HubOptions;
}

/** What a call for a node is made with, whatever it asks. */
export function callDepsOf(
  { dispatch }: OperationDeps,
  slot: NodeSlot,
  id: string,
  actor: string,
): {
  readonly id: string;
  readonly node: string;
  readonly actor: string;
  readonly onEnded: (call: Call) => void;
} {
  return { id, node: slot.name, actor, onEnded: (call) => dispatch.ended(slot, call) };
}

/** A call of one frame and one answer. */
export function plainCallOf<T>(
  deps: OperationDeps,
  slot: NodeSlot,
  actor: string,
  id: string,
  body: PlainBody<T>,
): PlainCall<T> {
  return createPlainCall(callDepsOf(deps, slot, id, actor), body);
}
