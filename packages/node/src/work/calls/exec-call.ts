import {
  clampTimeoutMs,
  NODE_LIMITS,
  NODE_TIMES,
  type ServerFrames,
} from "@yardmaster/protocol/node";
import type { Outbox } from "../outbox.ts";
import type { Budget } from "../output/budget.ts";
import type { Refusal } from "../refusal.ts";
import type { Carried, CarriedEnd, OnOutput } from "./carried.ts";
import { createInput } from "./input.ts";
import type { OutcomeFacts, StopCause } from "./outcome.ts";
import type { Remembered } from "./remembered.ts";
import { createReply } from "./reply.ts";
import { createSentCall } from "./sent-call.ts";

export type ExecFrame = ServerFrames["exec"];

/** One exec, from its frame to its outcome. */
export interface ExecCall extends Remembered {
  /** The session that it runs in, if it does. */
  readonly session: string | undefined;
  /** Its turn has come. */
  start(): void;
  /** Answers what cancel_ack says. A call that waits is taken out of its line. */
  stop(cause: StopCause, graceMs: number): "signaled" | "dequeued" | "finished";
  /** Its shell is being killed by its session: it ends with it, or leaves its line. */
  loseShell(): void;
  /** It cannot be carried out, and never began. */
  refuse(end: CarriedEnd): void;
  /** Why the input was not taken, if so. */
  input(seq: number, bytes: Buffer, eof: boolean): Refusal | undefined;
  resize(cols: number, rows: number): void;
  hasStarted(): boolean;
  readonly ended: Promise<void>;
}

export interface ExecCallDeps {
  readonly outbox: Outbox;
  readonly budget: Budget;
  /** Begins to carry it out. Never rejects. */
  readonly carry: (frame: ExecFrame, onOutput: OnOutput) => Promise<Carried>;
  /** Leaves the line; false where its turn has come. */
  readonly leaveLine: () => boolean;
  readonly onEnd: (facts: OutcomeEnd) => void;
  /** Its answer has been sent: this is all that need be remembered. */
  readonly onSent: (left: Remembered) => void;
}

/** What is known of an outcome apart from its output. */
export type OutcomeEnd = Pick<OutcomeFacts, "end" | "stopped" | "durationMs">;

export const ENDED: Refusal = { reason: "bad_request", detail: "the call has ended, or never was" };

/** What the command did not want is not asked for again: the server has its end. */
const dropInput = (): undefined => undefined;
const refuseInput = (): Refusal => ENDED;

/**
 * States: queued until `start`, running until what carries it has ended, then finished. A call that is stopped
 * ends when none of its processes is left. Its time runs from the frame's arrival: waiting counts.
 */
export function createExecCall(frame: ExecFrame, deps: ExecCallDeps): ExecCall {
  const { outbox, budget } = deps;
  const { id } = frame;
  const readsInput = frame.stdin === "pipe" || frame.stdin === "pty";
  const killGraceMs = frame.kill_grace_ms ?? NODE_TIMES.killGraceMs;
  /** Until it has begun: a call is remembered for longer than its command should be. */
  let asked: ExecFrame | undefined = frame;
  let state: "queued" | "running" | "finished" = "queued";
  let carried: Carried | undefined;
  let startedAt: number | undefined;
  let stopped: { cause: StopCause; graceMs: number } | undefined;
  let stopping: Promise<"SIGTERM" | "SIGKILL"> | undefined;
  let isMuted = false;
  let resolveEnded: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve;
  });

  const isInputAcked = frame.input_acks === true && readsInput;
  const lateInput = isInputAcked ? dropInput : refuseInput;
  const input = createInput({
    acknowledge: isInputAcked
      ? (seq) => !isMuted && outbox.send({ type: "exec_input_ack", id, seq })
      : undefined,
  });
  const reply = createReply(
    {
      outbox,
      budget,
      onRoom: () => carried?.resume(),
      onSent: (left) => deps.onSent(createSentCall({ id, input: lateInput }, left, deps)),
    },
    { id, outputMostBytes: frame.max_output_bytes ?? NODE_LIMITS.outputBytes },
  );

  const finish = (end: CarriedEnd, signal?: string): void => {
    if (state === "finished") return;
    state = "finished";
    clearTimeout(timer);
    const facts: OutcomeEnd = {
      end,
      stopped: stopped === undefined ? undefined : { cause: stopped.cause, signal },
      durationMs: startedAt === undefined ? 0 : performance.now() - startedAt,
    };
    carried = undefined;
    asked = undefined;
    input.close();
    reply.end(facts);
    deps.onEnd(facts);
    resolveEnded();
  };

  const onOutput: OnOutput = (stream, bytes) => {
    reply.take(stream, bytes);
    if (!reply.hasRoom()) carried?.pause();
  };

  const run = async (toRun: ExecFrame): Promise<void> => {
    const begun = await deps.carry(toRun, onOutput);
    carried = begun;
    input.connect(begun.input);
    if (!reply.hasRoom()) begun.pause();
    if (stopped !== undefined) stopping = begun.stop(stopped.graceMs);
    const end = await begun.ended;
    finish(end, await stopping);
  };

  const stop: ExecCall["stop"] = (cause, askedGraceMs) => {
    if (state === "finished") return "finished";
    const graceMs = Math.min(askedGraceMs, NODE_TIMES.killGraceMostMs);
    if (stopped !== undefined && stopped.graceMs <= graceMs) return "signaled";
    // Who is in more of a hurry is heeded; why it was stopped first stays.
    stopped = { cause: stopped?.cause ?? cause, graceMs };
    if (state === "queued" && deps.leaveLine()) {
      finish({ exitCode: -1 });
      return "dequeued";
    }
    stopping = carried?.stop(graceMs);
    return "signaled";
  };

  const mute = (): void => {
    isMuted = true;
    reply.mute();
  };

  const timer = setTimeout(() => stop("timeout", killGraceMs), timeoutOf(frame, outbox));

  return {
    id,
    session: sessionOf(frame),
    ended,
    stop,
    state: () => state,
    lastSeq: reply.lastSeq,
    hasStarted: () => startedAt !== undefined,
    resize: (cols, rows) => carried?.resize?.(cols, rows),
    input(seq, bytes, eof) {
      if (state === "finished") return lateInput();
      if (readsInput) return input.take(seq, bytes, eof);
      return { reason: "bad_request", detail: "the command was started without input" };
    },
    ack: reply.ack,
    hold: reply.hold,
    goOn(fromSeq) {
      input.linkUp();
      reply.replay(fromSeq);
    },
    mute,
    start() {
      state = "running";
      startedAt = performance.now();
      if (asked !== undefined) void run(asked);
      asked = undefined;
    },
    refuse: finish,
    loseShell() {
      if (state === "finished") return;
      stopped ??= { cause: "reset", graceMs: 0 };
      if (state === "queued" && deps.leaveLine()) finish({ exitCode: -1 });
    },
    discard() {
      mute();
      stop("discard", 0);
    },
  };
}

const DEFAULT_SESSION = "main";

/** The session whose turn a call needs; undefined where it needs none. */
export function sessionOf(frame: ExecFrame): string | undefined {
  const isAlone = frame.argv !== undefined || frame.shell === "fresh" || frame.stdin === "pty";
  return isAlone ? undefined : nameOf(frame);
}

/** The session that a call is to run in, or resemble. */
export function nameOf({ session }: ExecFrame): string {
  return session ?? DEFAULT_SESSION;
}

function timeoutOf({ timeout_ms }: ExecFrame, outbox: Outbox): number {
  const mostMs = outbox.has("exec_strict") ? NODE_TIMES.execStrictMostMs : NODE_TIMES.execMostMs;
  return clampTimeoutMs(timeout_ms, mostMs);
}
