import { AppError, isAppError, type JsonObject } from "@yardmaster/protocol";
import type { AbsentNode } from "../../registry/registry.types.ts";
import type { CallOptions, NodeRef } from "../hub.types.ts";
import type { HubMetrics } from "../hub-deps.types.ts";
import type { HubOptions } from "../hub-options.ts";
import type { Dispatch } from "../link/dispatch.ts";
import type { NodeSlot } from "../link/node-slot.ts";
import type { Slots } from "../link/slots.ts";
import type { Call, CallKind } from "./call.types.ts";
import type { AuditedCall, CallAudit, CallEnd } from "./call-audit.ts";
import type { CallRate } from "./call-rate.ts";
import { cancelCall } from "./cancel-call.ts";

export interface RunCallDeps {
  readonly slots: Slots;
  readonly dispatch: Dispatch;
  readonly rate: CallRate;
  readonly audit: CallAudit;
  readonly absent: (ref: NodeRef) => Promise<AbsentNode>;
  readonly metrics: HubMetrics | undefined;
  readonly options: Pick<HubOptions, "cancelSlackMs">;
  readonly newId: () => string;
  readonly monotonicMs: () => number;
}

export interface CallSpec<T> {
  readonly kind: CallKind;
  readonly details: JsonObject;
  make(slot: NodeSlot, id: string): Call & { readonly outcome: Promise<T> };
  /** What the audit should know of an outcome. */
  endOf(outcome: T): Pick<CallEnd, "status" | "exitCode" | "details">;
  onStarted?: ((callId: string) => void) | undefined;
}

/**
 * The one way of every call, whoever asks: found, limited, audited before anything is sent, looked up again and sent
 * in one step, awaited, audited.
 */
export async function runCall<T>(
  deps: RunCallDeps,
  ref: NodeRef,
  options: CallOptions,
  spec: CallSpec<T>,
): Promise<T> {
  const node = await identify(deps, ref);
  limit(deps, node, options.actor);
  const audited: AuditedCall = {
    id: options.callId ?? deps.newId(),
    kind: spec.kind,
    actor: options.actor,
    nodeId: node.nodeId,
    node: node.name,
    details: { ...spec.details, ...options.details },
  };
  const startedMs = deps.monotonicMs();
  const ended = (end: Omit<CallEnd, "durationMs">): void => {
    const durationMs = deps.monotonicMs() - startedMs;
    deps.audit.end(audited, { ...end, durationMs });
    deps.metrics?.call(spec.kind, end.status, durationMs);
  };
  await deps.audit.begin(audited);
  let call: (Call & { readonly outcome: Promise<T> }) | undefined;
  try {
    const slot = present(deps, node.nodeId) ?? (await arrival(deps, node, options));
    throwIfGone(options.signal);
    call = spec.make(slot, audited.id);
    deps.dispatch.enqueue(slot, call);
    if (!call.isEnded) spec.onStarted?.(call.id);
    const outcome = await watched(deps, slot, call, options.signal);
    ended({ ...spec.endOf(outcome), sessionId: call.linkId });
    return outcome;
  } catch (error) {
    const status = isAppError(error) ? error.code : "internal";
    const details = error instanceof Error ? { error: error.message } : undefined;
    ended({ status, sessionId: call?.linkId, details });
    throw error;
  }
}

interface Identity {
  readonly nodeId: string;
  readonly name: string;
}

async function identify(deps: RunCallDeps, ref: NodeRef): Promise<Identity> {
  const slot = deps.slots.find(ref);
  // Of others the registry knows better: the name may be another node's by now.
  if (slot !== undefined && isAwaited(slot)) return slot;
  const { node, error } = await deps.absent(ref);
  if (node === null) throw error;
  return node;
}

function isAwaited(slot: NodeSlot): boolean {
  return slot.link !== undefined || slot.held !== undefined || slot.recycleUntilMs !== undefined;
}

function limit({ rate, monotonicMs }: RunCallDeps, node: Identity, actor: string): void {
  const waitMs = rate.take(actor, node.nodeId, monotonicMs());
  if (waitMs === 0) return;
  const detail = `${actor} asks more of node ${node.name} than it may in a second; try again in ${waitMs} ms`;
  throw new AppError("rate_limited", detail);
}

/** A node that takes calls now, or that was sent away for a moment. */
function present({ slots }: RunCallDeps, nodeId: string): NodeSlot | undefined {
  const slot = slots.get(nodeId);
  return slot?.link !== undefined || slot?.recycleUntilMs !== undefined ? slot : undefined;
}

async function arrival(deps: RunCallDeps, node: Identity, options: CallOptions): Promise<NodeSlot> {
  const { waitMs = 0, signal } = options;
  if (waitMs > 0) {
    const slot = deps.slots.ensure(node.nodeId, node.name);
    await woken(slot.arrivals, waitMs, signal);
    throwIfGone(signal);
    if (slot.link !== undefined) return slot;
  }
  throw (await deps.absent(node.nodeId)).error;
}

function woken(
  arrivals: Set<() => void>,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      arrivals.delete(done);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    arrivals.add(done);
    signal?.addEventListener("abort", done, { once: true });
  });
}

/** The outcome; where the caller goes away meanwhile, the call is canceled. */
async function watched<T>(
  { options }: RunCallDeps,
  slot: NodeSlot,
  call: Call & { readonly outcome: Promise<T> },
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await call.outcome;
  const cancel = (): void =>
    void cancelCall(slot, call, { reason: "caller_gone", slackMs: options.cancelSlackMs });
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await call.outcome;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function throwIfGone(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new AppError("canceled", "The caller went away before the call was sent");
}
