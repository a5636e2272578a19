import { AppError } from "@yardmaster/protocol";
import { NODE_FLOW, NODE_TIMES, type NodeFrames, reasonOf } from "@yardmaster/protocol/node";
import type { ShellEvidence } from "../base/shell-health.ts";
import type { CallFlag, ExecOptions, ExecOutcome, ExecRequest } from "../hub.types.ts";
import { baseFlags, createBaseOutput, shellEvidence } from "./base-call.ts";
import type { Call, CallFrame, CallLink } from "./call.types.ts";
import { createCallCore } from "./call-core.ts";
import { type ExecLimits, execFrame } from "./exec-frame.ts";
import { cleanedOutcome, outcomeOf } from "./exec-outcome.ts";
import { createInput, type Input } from "./input.ts";
import { nodeError } from "./node-errors.ts";
import { createOutput } from "./output.ts";

type Result = NodeFrames["exec_result"];
type Chunk = NodeFrames["exec_chunk"];
type LastChunk = Chunk & { readonly more: false };

export interface ExecCallDeps {
  readonly id: string;
  readonly nodeId: string;
  readonly node: string;
  readonly limits: ExecLimits & {
    readonly resultSlackMs: number;
    readonly unreadBytes: number;
    readonly inputWaitMs: number;
  };
  readonly onEnded: (call: ExecCall) => void;
  readonly monotonicMs: () => number;
  /** How the shell of a base client fared. */
  readonly onEvidence: (evidence: ShellEvidence) => void;
  /** What the node said of its end. */
  readonly onOutcome: (outcome: ExecOutcome) => void;
}

export interface ExecCall extends Call {
  readonly outcome: Promise<ExecOutcome>;
  readonly input: Input;
  readonly stdin: ExecRequest["stdin"];
  /** The node has been asked to stop it; it has so long to say how it ended. */
  stopping(withinMs: number): void;
  onAck(heard: (state: NodeFrames["cancel_ack"]["state"]) => void): void;
}

const EARLY_CREDIT_BYTES = 4 * NODE_FLOW.creditBytes;

/** A command on a node, from its frame to its outcome. It never runs twice: its frame is made for one link at a time. */
export function createExecCall(
  deps: ExecCallDeps,
  request: ExecRequest,
  options: ExecOptions & { readonly isProbe?: boolean },
): ExecCall {
  const { id } = deps;
  const identity = { callId: id, nodeId: deps.nodeId, node: deps.node };
  const flags = new Set<CallFlag>();
  const core = createCallCore<ExecOutcome>(() => {
    deps.onEnded(call);
    input.close();
  });
  let link: CallLink | undefined;
  let isHeld = false;
  let isStrict = false;
  let isFinished = false;
  /** When the node should have said how it ended: a process that heeds no TERM lives until KILL. */
  let dueMs = 0;
  let sentAtMs = 0;
  let sentCommand = request.command;
  let isAckOwed = false;
  let acked: ((state: NodeFrames["cancel_ack"]["state"]) => void) | undefined;
  let output = createOutput({
    onOutput: options.onOutput,
    maxBytes: request.maxOutputBytes ?? 10 * 2 ** 20,
    unreadBytes: EARLY_CREDIT_BYTES,
    onTaken: acknowledge,
  });
  let isInputAcked = false;
  const input = createInput({
    send: (frame, taken) => link?.send({ ...frame, id }, taken),
    node: deps.node,
    waitMs: deps.limits.inputWaitMs,
  });

  function acknowledge(seq: number): void {
    if (link?.has("stream") === true && !isHeld)
      link.send({ type: "exec_ack", id, seq, credit_bytes: NODE_FLOW.creditBytes });
  }

  function frameFor(to: CallLink) {
    const isStreamed = options.onOutput !== undefined;
    const frame = execFrame(id, request, to, { ...deps.limits, isStreamed });
    isStrict = to.has("exec_strict");
    isInputAcked = frame.input_acks === true;
    const timeoutMs = frame.timeout_ms ?? NODE_TIMES.execDefaultMs;
    const graceMs = isStrict ? (frame.kill_grace_ms ?? NODE_TIMES.killGraceMs) : 0;
    dueMs = timeoutMs + graceMs + deps.limits.resultSlackMs;
    sentCommand = frame.command;
    if (request.timeoutMs !== undefined && request.timeoutMs > 0 && request.timeoutMs !== timeoutMs)
      flags.add("timeout_clamped");
    if (!isStrict) expectBase(to);
    return frame;
  }

  function expectBase(to: CallLink): void {
    for (const flag of baseFlags(to, request)) flags.add(flag);
    const { onOutput } = options;
    if (onOutput !== undefined && to.has("exec_chunk"))
      output = createBaseOutput({ onOutput, unreadBytes: deps.limits.unreadBytes });
  }

  /** False: empty, or one that was here already. */
  function takeChunk(chunk: Chunk): boolean {
    const isNew = chunk.seq > output.lastSeq && chunk.data.length > 0;
    output.take(chunk.seq, chunk.stream, chunk.data);
    if (chunk.more === false) finish(chunk);
    return isNew || chunk.more === false;
  }

  function takeAck({ state }: NodeFrames["cancel_ack"]): boolean {
    const wasOwed = isAckOwed;
    isAckOwed = false;
    acked?.(state);
    return wasOwed;
  }

  function takeResult(result: Result): void {
    // Chunks were all of the output already; without them it is here.
    if (output.lastSeq === 0) {
      output.add("stdout", Buffer.from(result.stdout));
      output.add("stderr", Buffer.from(result.stderr));
      flags.delete("stderr_missing");
    }
    finish(result);
  }

  /** Of a piece of input that was not taken it comes while the command runs: without all of its input, that must not go on. */
  function takeError(frame: NodeFrames["error"]): void {
    // Who takes input can be told to stop too; without that nothing is known of the command.
    const isOfInput =
      reasonOf(frame.reason, frame.code) === "busy" &&
      input.hasBegun() &&
      link?.has("cancel") === true;
    if (isOfInput) {
      isAckOwed = true;
      link?.send({ type: "cancel", id, reason: "input_lost" });
    }
    isFinished = !isOfInput;
    const what = isOfInput
      ? "the command was stopped, a part of its input was not taken"
      : "the command was not run";
    core.fail(nodeError("exec", deps.node, frame, what));
  }

  function finish(last: Result | LastChunk): void {
    isFinished = true;
    core.stopClock();
    if (!isStrict) deps.onEvidence(shellEvidence(last, options.isProbe === true));
    void output.drained().then(() => {
      const outcome = outcomeOf(identity, last, output, flags);
      deps.onOutcome(outcome);
      core.end(isStrict ? outcome : cleanedOutcome(outcome, sentCommand));
    });
  }

  /** Ended here, whatever the node does with it. */
  function giveUp(status: "timeout" | "canceled", isRunning: boolean): void {
    if (isRunning) flags.add("still_running");
    const last: Result = {
      type: "exec_result",
      id,
      status,
      exit_code: -1,
      stdout: "",
      stderr: "",
      duration_ms: link === undefined ? 0 : Math.round(deps.monotonicMs() - sentAtMs),
      truncated: false,
      error_detail:
        status === "timeout" ? "The node did not say in time how it ended" : "It was canceled",
    };
    core.end(outcomeOf(identity, last, output, flags));
  }

  const call: ExecCall = {
    id,
    kind: "exec",
    actor: options.actor,
    shell: request.shell === "fresh" || request.argv ? undefined : (request.session ?? "main"),
    get isRepeatable() {
      return input.isRepeatable();
    },
    outcome: core.outcome,
    input,
    stdin: request.stdin,
    get linkId() {
      return link?.sessionId;
    },
    get isHeld() {
      return isHeld;
    },
    get isEnded() {
      return core.isEnded;
    },
    get lastSeq() {
      return output.lastSeq;
    },
    frameFor,
    sent(over) {
      if (isHeld) options.onState?.("connected");
      link = over;
      isHeld = false;
      sentAtMs = deps.monotonicMs();
      input.begin({ isAcked: isInputAcked, whole: request.stdinBytes });
    },
    arm: () =>
      core.after(dueMs, () => {
        if (link?.has("cancel") === true && !isHeld) {
          isAckOwed = true;
          link.send({ type: "cancel", id, reason: "timeout" });
        }
        giveUp("timeout", true);
      }),
    take(frame: CallFrame) {
      // A node that ends a call at once says so before it answers the cancel.
      if (frame.type === "cancel_ack") return takeAck(frame);
      if (isFinished || core.isEnded) return false;
      if (frame.type === "exec_input_ack") return input.ack(frame.seq);
      if (frame.type === "exec_chunk") return takeChunk(frame);
      if (frame.type === "exec_result") takeResult(frame);
      else if (frame.type === "error") takeError(frame);
      return isFinished;
    },
    owed: () => ({ end: link !== undefined && !isFinished, ack: isAckOwed, inputs: input.owed() }),
    hold() {
      isHeld = true;
      options.onState?.("reconnecting");
    },
    goOn(over) {
      link = over;
      isHeld = false;
      input.goOn();
      options.onState?.("connected");
    },
    fail: core.fail,
    abandon: () => giveUp("canceled", link !== undefined),
    stopping: (withinMs) => core.after(withinMs, () => giveUp("canceled", true)),
    onAck(heard) {
      isAckOwed = true;
      acked = heard;
    },
  };
  return call;
}

export function notSent(node: string, why: string): AppError {
  return new AppError("node_disconnected", `Node ${node} ${why}; the call was not sent to it`);
}
