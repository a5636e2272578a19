import { AppError } from "@yardmaster/protocol";
import type { NodeFrames } from "@yardmaster/protocol/node";
import type { Call, CallFrame, CallKind, CallLink, RequestFrame } from "./call.types.ts";
import { createCallCore } from "./call-core.ts";

/** What differs between the calls that are one frame and one answer. */
export interface PlainBody<T> {
  readonly kind: CallKind;
  readonly isRepeatable: boolean;
  readonly deadlineMs: number;
  readonly shell?: string | undefined;
  /** @throws AppError where the link cannot carry it */
  frameFor(link: CallLink): RequestFrame;
  /** Undefined: not the answer to this. @throws AppError where the answer is a refusal */
  outcome(frame: CallFrame, node: string): T | undefined;
  failure(error: NodeFrames["error"], node: string): AppError;
}

export interface PlainCall<T> extends Call {
  readonly outcome: Promise<T>;
}

export interface PlainCallDeps {
  readonly id: string;
  readonly node: string;
  readonly actor: string;
  readonly onEnded: (call: Call) => void;
}

export function createPlainCall<T>(deps: PlainCallDeps, body: PlainBody<T>): PlainCall<T> {
  const core = createCallCore<T>(() => deps.onEnded(call));
  let link: CallLink | undefined;
  let isHeld = false;
  let isAnswered = false;

  function take(frame: CallFrame): boolean {
    if (core.isEnded) return false;
    judge(frame);
    isAnswered = core.isEnded;
    return isAnswered;
  }

  function judge(frame: CallFrame): void {
    if (frame.type === "error") return core.fail(body.failure(frame, deps.node));
    try {
      const outcome = body.outcome(frame, deps.node);
      if (outcome !== undefined) core.end(outcome);
    } catch (error) {
      core.fail(error as AppError);
    }
  }

  const call: PlainCall<T> = {
    id: deps.id,
    kind: body.kind,
    actor: deps.actor,
    shell: body.shell,
    isRepeatable: body.isRepeatable,
    lastSeq: 0,
    outcome: core.outcome,
    get linkId() {
      return link?.sessionId;
    },
    get isHeld() {
      return isHeld;
    },
    get isEnded() {
      return core.isEnded;
    },
    frameFor: body.frameFor,
    sent(over) {
      link = over;
      isHeld = false;
    },
    arm: () =>
      core.after(body.deadlineMs, () => {
        const seconds = body.deadlineMs / 1_000;
        const detail = `Node ${deps.node} did not answer the ${body.kind} within ${seconds} s`;
        core.fail(new AppError("node_timeout", detail));
      }),
    take,
    owed: () => ({ end: link !== undefined && !isAnswered, ack: false, inputs: 0 }),
    hold() {
      isHeld = true;
    },
    goOn(over) {
      link = over;
      isHeld = false;
    },
    fail: core.fail,
    abandon: () => core.fail(new AppError("canceled", `The ${body.kind} was canceled`)),
  };
  return call;
}
