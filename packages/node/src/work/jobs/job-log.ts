import type { OutgoingNodeFrame, StreamName } from "@yardmaster/protocol/node";
import type { Outbox } from "../outbox.ts";
import type { Budget } from "../output/budget.ts";
import { createOutflow } from "../output/outflow.ts";

/** What a job prints, on its way to the server, and behind it the job's result. */
export interface JobLog {
  take(stream: StreamName, bytes: Buffer): void;
  hasRoom(): boolean;
  /** The result goes out behind all that was printed. */
  finish(result: OutgoingNodeFrame): void;
  ack(seq: number, creditBytes: number): void;
  hold(): void;
  replay(fromSeq: number): void;
  mute(): void;
  /** The highest number of what was printed. */
  lastSeq(): number;
  bytesOf(stream: StreamName): number;
}

export interface JobLogDeps {
  readonly leaseId: string;
  readonly outbox: Outbox;
  readonly budget: Budget;
  readonly onRoom: () => void;
}

export function createJobLog({ leaseId, outbox, budget, onRoom }: JobLogDeps): JobLog {
  const bytes = { stdout: 0, stderr: 0, pty: 0 };
  let isCut = false;
  let hasResult = false;

  const outflow = createOutflow({
    outbox,
    budget,
    onRoom,
    lastTakesNone: true,
    frameOf: (seq, { stream, data }) => ({
      type: "task_log",
      lease_id: leaseId,
      seq,
      stream,
      data,
    }),
    onCut: () => {
      isCut = true;
    },
  });

  /** Said where it happened, or as near as can be. */
  const noteCut = (): void => {
    if (!isCut) return;
    isCut = false;
    const text =
      "\n[yard] some output is missing here: the link was down, and it was too much to keep.\n";
    outflow.take("stderr", Buffer.from(text));
  };

  return {
    hasRoom: outflow.hasRoom,
    ack: outflow.ack,
    hold: outflow.hold,
    mute: outflow.mute,
    bytesOf: (stream) => bytes[stream],
    lastSeq: () => outflow.lastSeq() - (hasResult ? 1 : 0),
    take(stream, data) {
      bytes[stream] += data.length;
      outflow.take(stream, data);
    },
    finish(result) {
      noteCut();
      outflow.finish(() => {
        hasResult = true;
        return result;
      });
    },
    replay(fromSeq) {
      outflow.replay(fromSeq);
      noteCut();
    },
  };
}
