import { AppError } from "@yardmaster/protocol";
import { NODE_LIMITS } from "@yardmaster/protocol/node";
import { noteExec } from "../base/shell-health.ts";
import type { Call } from "../calls/call.types.ts";
import { cancelCall, isExec } from "../calls/cancel-call.ts";
import { createExecCall, type ExecCall, type ExecCallDeps } from "../calls/exec-call.ts";
import { lacking } from "../calls/exec-frame.ts";
import { checkExec } from "../calls/request-checks.ts";
import { type CallSpec, runCall } from "../calls/run-call.ts";
import type { ExecOptions, ExecOutcome, ExecRequest, Hub, NodeRef } from "../hub.types.ts";
import type { NodeSlot } from "../link/node-slot.ts";
import type { OperationDeps } from "./operation.ts";

type Stdin = ExecRequest["stdin"];

/** Commands: run, fed, resized and stopped. */
export function execOperations(
  deps: OperationDeps,
): Pick<Hub, "exec" | "input" | "resize" | "cancel"> {
  const { slots, options } = deps;
  return {
    async exec(ref, request, given) {
      checkExec(request);
      return await runCall(deps, ref, given, {
        kind: "exec",
        details: execDetails(request),
        make: (slot, id) => execCallOf(deps, slot, id, request, given),
        endOf: execEnd,
        onStarted: given.onStarted,
      });
    },

    async input(ref, callId, { bytes = Buffer.alloc(0), eof = false }) {
      const { slot, call } = interactiveCall(deps, ref, callId, ["pipe", "pty"]);
      // What is kept until it is acknowledged may be given while the node is away.
      if (!call.input.isAcked()) requireLink(slot, call);
      if (bytes.length > NODE_LIMITS.inputBytes)
        throw new AppError("too_large", "At most 64 KiB of input can be given at once");
      await call.input.give(bytes, eof);
    },

    async resize(ref, callId, { cols, rows }) {
      const { slot, call } = interactiveCall(deps, ref, callId, ["pty"]);
      requireLink(slot, call);
      slot.link?.send({ type: "exec_resize", id: callId, cols, rows });
    },

    async cancel(ref, callId, { actor, graceMs, reason }) {
      const slot = slots.find(ref);
      const call = slot?.calls.get(callId);
      if (slot === undefined || call === undefined)
        return slot?.ended.kindOf(callId) === undefined ? "unknown" : "finished";
      const { nodeId, name: node } = slot;
      deps.audit.canceled({ id: callId, kind: call.kind, actor, nodeId, node }, reason ?? "asked");
      const slackMs = options.cancelSlackMs;
      return await cancelCall(slot, call, { graceMs, reason, actor, slackMs });
    },
  };
}

/** A command for one node, which it tells of its end and of its shell. */
export function execCallOf(
  { dispatch, options, monotonicMs }: OperationDeps,
  slot: NodeSlot,
  id: string,
  request: ExecRequest,
  given: ExecOptions & { readonly isProbe?: boolean },
): ExecCall {
  const session = request.session ?? "main";
  const callDeps: ExecCallDeps = {
    id,
    nodeId: slot.nodeId,
    node: slot.name,
    limits: options,
    monotonicMs,
    onEnded: (call) => dispatch.ended(slot, call),
    onEvidence: (evidence) => noteExec(slot.health, evidence),
    onOutcome: ({ cwd }) => slot.shells.told(session, { cwd }),
  };
  return createExecCall(callDeps, request, given);
}

/** A command that reads what is typed. A node answers what it cannot use with an error of the whole call. */
function interactiveCall(
  { slots }: OperationDeps,
  ref: NodeRef,
  callId: string,
  stdins: readonly Stdin[],
): { readonly slot: NodeSlot; readonly call: ExecCall } {
  const slot = slots.find(ref);
  const call: Call | undefined = slot?.calls.get(callId);
  if (slot === undefined || call === undefined)
    throw new AppError("not_found", `No call ${callId} is open on node ${ref}; it may have ended`);
  const conflict = (why: string): AppError => new AppError("conflict", `Call ${callId} ${why}`);
  if (!isExec(call) || !stdins.includes(call.stdin))
    throw conflict(`was not begun with stdin ${stdins.join(" or ")}`);
  if (call.linkId === undefined) throw conflict("has not begun; try again");
  return { slot, call };
}

/** There is a link to send it over. */
function requireLink({ name, link }: NodeSlot, call: ExecCall): void {
  if (call.isHeld || link === undefined || link.sessionId !== call.linkId)
    throw new AppError("node_disconnected", `Node ${name} is reconnecting; try again`);
  if (!link.has("input")) throw lacking(name, "input");
}

function execDetails(request: ExecRequest): CallSpec<unknown>["details"] {
  const { command, session, cwd, argv, env, stdin, shell } = request;
  return {
    command,
    ...(argv !== undefined && { argv: true }),
    ...(session !== undefined && { session }),
    ...(shell !== undefined && { shell }),
    ...(cwd !== undefined && { cwd }),
    ...(stdin !== undefined && { stdin }),
    // Names alone: values are secrets more often than not.
    ...(env !== undefined && { env: Object.keys(env) }),
  };
}

function execEnd({ status, exitCode, flags, error }: ExecOutcome) {
  const details = {
    ...(flags.length > 0 && { flags: [...flags] }),
    ...(error !== null && { error: error.code }),
  };
  return { status, exitCode, details };
}
