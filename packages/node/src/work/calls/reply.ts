import type { OutgoingNodeFrame, StreamName } from "@yardmaster/protocol/node";
import type { Outbox } from "../outbox.ts";
import type { Budget } from "../output/budget.ts";
import { createCap } from "../output/cap.ts";
import { createCollected, RESULT_JSON_MOST_BYTES } from "../output/collected.ts";
import { type Chunk, createOutflow } from "../output/outflow.ts";
import { type OutcomeFacts, outcomeFields } from "./outcome.ts";

/** What a call answers: its output and its outcome, in the form that the session has agreed on. */
export interface Reply {
  take(stream: StreamName, bytes: Buffer): void;
  hasRoom(): boolean;
  /** The outcome; once. */
  end(facts: Omit<OutcomeFacts, "isStdoutCut" | "isStderrCut">): void;
  ack(seq: number, creditBytes: number): void;
  hold(): void;
  replay(fromSeq: number): void;
  mute(): void;
  lastSeq(): number;
}

export interface ReplyOptions {
  readonly id: string;
  /** Per stream. */
  readonly outputMostBytes: number;
}

export interface ReplyDeps {
  readonly outbox: Outbox;
  readonly budget: Budget;
  readonly onRoom: () => void;
  /** The answer has been sent: what the server may ask for again is whoever's who is told. */
  readonly onSent: (left: readonly Chunk[]) => void;
}

/** In chunks where the session streams, else in one result. */
export function createReply(deps: ReplyDeps, options: ReplyOptions): Reply {
  return deps.outbox.has("stream") ? replyInChunks(deps, options) : replyInOne(deps, options);
}

function capsOf(mostBytes: number) {
  const stdout = createCap(mostBytes);
  const stderr = createCap(mostBytes);
  return {
    stdout,
    stderr,
    of: (stream: StreamName) => (stream === "stderr" ? stderr : stdout),
    flags: () => ({ isStdoutCut: stdout.isCut(), isStderrCut: stderr.isCut() }),
  };
}

function replyInChunks(deps: ReplyDeps, { id, outputMostBytes }: ReplyOptions): Reply {
  const caps = capsOf(outputMostBytes);
  const outflow = createOutflow({
    ...deps,
    frameOf: (seq, { stream, data }) => ({ type: "exec_chunk", id, seq, stream, data, more: true }),
    onCut: (stream) => caps.of(stream).markCut(),
  });
  return {
    take: (stream, bytes) => outflow.take(stream, caps.of(stream).cut(bytes)),
    hasRoom: outflow.hasRoom,
    end(facts) {
      outflow.finish((seq, rest) => ({
        type: "exec_chunk",
        id,
        seq,
        stream: rest?.stream ?? "stdout",
        data: rest?.data ?? Buffer.alloc(0),
        more: false,
        ...outcomeFields({ ...facts, ...caps.flags() }),
      }));
    },
    ack: outflow.ack,
    hold: outflow.hold,
    replay: outflow.replay,
    mute: outflow.mute,
    lastSeq: outflow.lastSeq,
  };
}

function replyInOne(
  { outbox, budget, onSent }: ReplyDeps,
  { id, outputMostBytes }: ReplyOptions,
): Reply {
  const caps = capsOf(outputMostBytes);
  const texts = { stdout: createCollected(), stderr: createCollected() };
  let state: "open" | "held" | "muted" = "open";
  let result: OutgoingNodeFrame | undefined;
  let keptBytes = 0;

  const send = (frame: OutgoingNodeFrame): void => {
    outbox.send(frame);
    onSent([{ seq: 0, bytes: keptBytes, frame }]);
  };

  return {
    hasRoom: () => true,
    lastSeq: () => 0,
    ack() {},
    take(stream, bytes) {
      const kept = caps.of(stream).cut(bytes);
      if (state === "muted") return;
      if (!budget.hasRoomFor(kept.length)) return caps.of(stream).markCut();
      budget.add(kept.length);
      keptBytes += kept.length;
      (stream === "stderr" ? texts.stderr : texts.stdout).push(kept);
    },
    end(facts) {
      const stdout = texts.stdout.text(RESULT_JSON_MOST_BYTES);
      const stderr = texts.stderr.text(RESULT_JSON_MOST_BYTES - stdout.jsonBytes);
      if (stdout.isCut) caps.stdout.markCut();
      if (stderr.isCut) caps.stderr.markCut();
      result = {
        type: "exec_result",
        id,
        stdout: stdout.text,
        stderr: stderr.text,
        ...outcomeFields({ ...facts, ...caps.flags() }),
      };
      if (state === "open") send(result);
    },
    hold() {
      if (state === "open") state = "held";
    },
    replay() {
      if (state === "muted") return;
      state = "open";
      if (result !== undefined) send(result);
    },
    mute() {
      if (state === "muted") return;
      state = "muted";
      budget.add(-keptBytes);
      result = undefined;
    },
  };
}
