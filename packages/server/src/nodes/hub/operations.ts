import { AppError, isAppError } from "@yardmaster/protocol";
import { noteExec } from "./base/shell-health.ts";
import type { Call } from "./calls/call.types.ts";
import type { CallAudit } from "./calls/call-audit.ts";
import { cancelCall, isExec } from "./calls/cancel-call.ts";
import { createExecCall, type ExecCall, type ExecCallDeps } from "./calls/exec-call.ts";
import { lacking } from "./calls/exec-frame.ts";
import { readBody, writeBody } from "./calls/file-calls.ts";
import { createFreshShellCall } from "./calls/fresh-shell-call.ts";
import { createPlainCall } from "./calls/plain-call.ts";
import { checkExec, checkRead, checkSession, checkWrite } from "./calls/request-checks.ts";
import { resetBody } from "./calls/reset-call.ts";
import { type CallSpec, type RunCallDeps, runCall } from "./calls/run-call.ts";
import type {
  ExecOptions,
  ExecOutcome,
  ExecRequest,
  Hub,
  NodeRef,
  ResetOutcome,
} from "./hub.types.ts";
import type { HubOptions } from "./hub-options.ts";
import type { NodeSlot } from "./link/node-slot.ts";

export interface OperationDeps extends RunCallDeps {
  readonly audit: CallAudit;
  readonly options: HubOptions;
}

type Operations = Pick<
  Hub,
  "exec" | "input" | "resize" | "cancel" | "read" | "write" | "reset" | "sessions"
> & { probe(slot: NodeSlot): void };

const PROBE_MS = 10_000;

/** What can be asked of nodes. */
export function createOperations(deps: OperationDeps): Operations {
  const { dispatch, slots, options } = deps;

  function execCall(
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
      monotonicMs: deps.monotonicMs,
      onEnded: (call) => dispatch.ended(slot, call),
      onEvidence: (evidence) => noteExec(slot.health, evidence),
      onOutcome: ({ cwd }) => slot.shells.told(session, { cwd }),
    };
    return createExecCall(callDeps, request, given);
  }

  function plain<T>(
    slot: NodeSlot,
    actor: string,
    id: string,
    body: Parameters<typeof createPlainCall<T>>[1],
  ) {
    const onEnded = (call: Call): void => dispatch.ended(slot, call);
    return createPlainCall<T>({ id, node: slot.name, actor, onEnded }, body);
  }

  function openCall(ref: NodeRef, callId: string): { slot: NodeSlot; call: Call } {
    const slot = slots.find(ref);
    const call = slot?.calls.get(callId);
    if (slot !== undefined && call !== undefined) return { slot, call };
    throw new AppError("not_found", `No call ${callId} is open on node ${ref}; it may have ended`);
  }

  /** A command that reads what is typed, and a link to send it over. */
  function interactive(
    ref: NodeRef,
    callId: string,
    stdins: readonly ExecRequest["stdin"][],
  ): { slot: NodeSlot; call: ExecCall } {
    const { slot, call } = openCall(ref, callId);
    // A node answers what it cannot use with an error of the whole call.
    if (!isExec(call) || !stdins.includes(call.stdin))
      throw new AppError(
        "conflict",
        `Call ${callId} was not begun with stdin ${stdins.join(" or ")}`,
      );
    if (call.linkId === undefined)
      throw new AppError("conflict", `Call ${callId} has not begun; try again`);
    if (call.isHeld || slot.link?.sessionId !== call.linkId)
      throw new AppError("node_disconnected", `Node ${slot.name} is reconnecting; try again`);
    if (!slot.link.has("input")) throw lacking(slot.name, "input");
    return { slot, call };
  }

  /** Never rejects: what becomes of it is told by the shell's health. */
  async function probe(slot: NodeSlot): Promise<void> {
    slot.isProbing = true;
    const { name: node, nodeId } = slot;
    const request: ExecRequest = { command: ":", timeoutMs: PROBE_MS };
    const audited = {
      ...{ id: deps.newId(), kind: "exec" as const, actor: "system", nodeId, node },
      details: { command: ":", probe: true },
    };
    const startedMs = deps.monotonicMs();
    let end: { status: string; exitCode?: number };
    try {
      await deps.audit.begin(audited);
      const call = execCall(slot, audited.id, request, { actor: "system", isProbe: true });
      dispatch.sendFirst(slot, call);
      end = await call.outcome;
    } catch (error) {
      end = { status: isAppError(error) ? error.code : "internal" };
    }
    slot.isProbing = false;
    slot.health.isProbeDue = false;
    const { status, exitCode } = end;
    deps.audit.end(audited, { status, exitCode, durationMs: deps.monotonicMs() - startedMs });
    dispatch.pump(slot);
  }

  return {
    probe: (slot) => void probe(slot),

    async exec(ref, request, given) {
      checkExec(request);
      return await runCall(deps, ref, given, {
        kind: "exec",
        details: execDetails(request),
        make: (slot, id) => execCall(slot, id, request, given),
        endOf: execEnd,
        onStarted: given.onStarted,
      });
    },

    async input(ref, callId, { bytes = Buffer.alloc(0), eof = false }) {
      const { call } = interactive(ref, callId, ["pipe", "pty"]);
      if (bytes.length > 64 * 1024)
        throw new AppError("too_large", "At most 64 KiB of input can be given at once");
      const ended = call.outcome.then(
        () => undefined,
        () => undefined,
      );
      await Promise.race([call.input.give(bytes, eof), ended]);
    },

    async resize(ref, callId, { cols, rows }) {
      const { slot } = interactive(ref, callId, ["pty"]);
      slot.link?.send({ type: "exec_resize", id: callId, cols, rows });
    },

    async cancel(ref, callId, { actor, graceMs, reason }) {
      const slot = slots.find(ref);
      const call = slot?.calls.get(callId);
      if (slot === undefined || call === undefined)
        return slot?.ended.kindOf(callId) === undefined ? "unknown" : "finished";
      const { nodeId, name: node } = slot;
      deps.audit.canceled({ id: callId, kind: call.kind, actor, nodeId, node }, reason ?? "asked");
      return await cancelCall(slot, call, { graceMs, reason, slackMs: options.cancelSlackMs });
    },

    async read(ref, request, given) {
      checkRead(request);
      const { path, offset, length } = request;
      return await runCall(deps, ref, given, {
        kind: "read",
        details: { path, offset: offset ?? null, length: length ?? null },
        make: (slot, id) => plain(slot, given.actor, id, readBody(id, request, options.fileMs)),
        endOf: ({ content }) => ({ status: "ok", details: { bytes: content.length } }),
      });
    },

    async write(ref, request, given) {
      checkWrite(request);
      const { path, content, mode = "overwrite", offset } = request;
      return await runCall(deps, ref, given, {
        kind: "write",
        details: { path, size_bytes: content.length, mode, offset: offset ?? null },
        make: (slot, id) => plain(slot, given.actor, id, writeBody(id, request, options.fileMs)),
        endOf: ({ bytesWritten }) => ({ status: "ok", details: { bytes: bytesWritten } }),
      });
    },

    async reset(ref, session, given) {
      checkSession(session);
      const { reason, actor } = given;
      const spec: CallSpec<ResetOutcome> = {
        kind: "reset",
        details: { session, reason: reason ?? null },
        make(slot, id) {
          if (slot.link === undefined || slot.link.has("reset"))
            return plain(slot, actor, id, resetBody(id, { session, reason }, options.fileMs));
          if (session !== "main") throw lacking(slot.name, "sessions other than main");
          const onEnded = (call: Call): void => dispatch.ended(slot, call);
          return createFreshShellCall({ id, node: slot.name, actor, onEnded }, session);
        },
        endOf: ({ killed }) => ({ status: "ok", details: { killed } }),
      };
      const outcome = await runCall(deps, ref, given, spec);
      const slot = slots.find(ref);
      slot?.shells.told(session, { cwd: outcome.cwd, shellId: outcome.shellId });
      return outcome;
    },

    sessions(ref) {
      const slot = slots.find(ref);
      return slot === undefined ? [] : slot.shells.list(slot.calls.values());
    },
  };
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
