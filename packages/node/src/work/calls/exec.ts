import { isReason, REASON_CODES, type ServerFrames } from "@yardmaster/protocol/node";
import type { Outbox } from "../outbox.ts";
import type { Budget } from "../output/budget.ts";
import { redactCommand } from "../redact.ts";
import type { Refusal } from "../refusal.ts";
import type { WorkDeps, WorkOptions } from "../work.types.ts";
import type { Carried, OnOutput } from "./carried.ts";
import {
  createExecCall,
  ENDED,
  type ExecCall,
  type ExecFrame,
  type OutcomeEnd,
  sessionOf,
} from "./exec-call.ts";
import type { Line } from "./line.ts";
import { verdictOf } from "./outcome.ts";
import type { Memory, Remembered } from "./remembered.ts";

/** Commands: begin them, feed them, stop them. */
export interface Exec {
  exec(frame: ExecFrame): void;
  ack(frame: ServerFrames["exec_ack"]): void;
  input(frame: ServerFrames["exec_input"]): void;
  resize(frame: ServerFrames["exec_resize"]): void;
  cancel(frame: ServerFrames["cancel"]): void;
  /** A session is being reset: every call of it ends. */
  loseSession(name: string): void;
  /** Stops every call at once. */
  stopAll(): void;
  /** Resolves when every call has ended. */
  ended(): Promise<void>;
}

export interface ExecDeps extends Pick<WorkDeps, "audit" | "refusalOf"> {
  readonly outbox: Outbox;
  readonly budget: Budget;
  readonly line: Line;
  readonly memory: Memory<Remembered>;
  readonly carry: (frame: ExecFrame, onOutput: OnOutput) => Promise<Carried>;
  readonly allow: WorkOptions["allow"];
  readonly isDraining: () => boolean;
  readonly onChange: () => void;
}

const WAITING_MOST = 1_000;

export function createExec(deps: ExecDeps): Exec {
  const { outbox, line, memory } = deps;
  /** Calls that have not ended. */
  const open = new Map<string, ExecCall>();

  const say = (id: string, { reason, detail }: Refusal): void => {
    const code = isReason(reason) ? REASON_CODES[reason] : REASON_CODES.bad_request;
    outbox.send({ type: "error", id, code, reason, detail });
  };

  const end = (call: ExecCall, actor: string | undefined, facts: OutcomeEnd): void => {
    open.delete(call.id);
    const { status, exit_code, error } = verdictOf(facts);
    deps.audit({
      action: "exec",
      phase: "end",
      request_id: call.id,
      actor,
      status,
      exit_code,
      duration_ms: Math.round(facts.durationMs),
      session_id: outbox.sessionId(),
      ...(error !== undefined && { details: { error } }),
    });
    if (call.hasStarted()) line.release();
    deps.onChange();
  };

  const refusalOf = (frame: ExecFrame): Refusal | undefined => {
    if (!deps.allow.exec) {
      const detail = "the node's owner does not allow commands";
      return { reason: "command_not_allowed", detail };
    }
    if (process.platform === "win32") {
      return { reason: "unsupported", detail: "a node on Windows runs no commands" };
    }
    if (deps.isDraining()) return { reason: "busy", detail: "the node is about to stop" };
    if (line.waiting() >= WAITING_MOST) {
      return { reason: "busy", detail: `${WAITING_MOST} calls wait on the node: try again later` };
    }
    const why = deps.refusalOf(frame.argv?.join(" ") ?? frame.command);
    return why === undefined ? undefined : { reason: "command_not_allowed", detail: why };
  };

  const begin = (frame: ExecFrame): void => {
    const { id, actor } = frame;
    let leave = () => false;
    const call: ExecCall = createExecCall(frame, {
      outbox,
      budget: deps.budget,
      carry: deps.carry,
      leaveLine: () => leave(),
      onEnd: (facts) => end(call, actor, facts),
      onSent: memory.replace,
    });
    memory.add(call);
    open.set(id, call);
    const details = {
      command: redactCommand(frame.command),
      session: sessionOf(frame) ?? null,
      ...(frame.cwd !== undefined && { cwd: frame.cwd }),
    };
    const request = { request_id: id, actor, session_id: outbox.sessionId() } as const;
    deps.audit({ action: "exec", phase: "begin", ...request, details });
    const refusal = refusalOf(frame);
    if (refusal !== undefined) return call.refuse({ exitCode: -1, refusal });
    leave = line.enter({ session: sessionOf(frame), start: () => call.start() });
    deps.onChange();
  };

  return {
    exec(frame) {
      const known = memory.get(frame.id);
      if (known === undefined) begin(frame);
      else known.goOn(0);
    },
    ack: ({ id, seq, credit_bytes }) => memory.get(id)?.ack?.(seq, credit_bytes),
    input({ id, seq, data, eof }) {
      const call = memory.get(id);
      const why = call?.input === undefined ? ENDED : call.input(seq, data, eof);
      if (why !== undefined) say(id, why);
    },
    resize: ({ id, cols, rows }) => open.get(id)?.resize(cols, rows),
    cancel({ id, grace_ms, actor }) {
      const call = open.get(id);
      const state = call?.stop("cancel", grace_ms) ?? (memory.get(id) ? "finished" : "unknown");
      outbox.send({ type: "cancel_ack", id, state });
      deps.audit({ action: "cancel", phase: "event", request_id: id, actor, status: state });
    },
    loseSession(name) {
      for (const call of [...open.values()]) {
        if (call.session === name) call.loseShell();
      }
    },
    stopAll() {
      for (const call of [...open.values()]) call.stop("cancel", 0);
    },
    async ended() {
      await Promise.all([...open.values()].map((call) => call.ended));
    },
  };
}
