import { NODE_FLOW } from "@yardmaster/protocol/node";
import { createRemotePipe, type RemotePipe } from "../runners/index.ts";

/** How much is taken before the node is told so, unless it prints little. */
const ACK_BYTES = NODE_FLOW.creditBytes / 4;
const ACK_AFTER_MS = 100;

export interface LogFrame {
  readonly seq: number;
  readonly stream: "stdout" | "stderr" | "pty";
  readonly data: Buffer;
}

/**
 * What a job prints, as two pipes. Frames come in the order of their numbers, and come again after a link was cut:
 * those that were here are dropped. What was taken is acknowledged, and what a reader pauses is not: so the node stops
 * reading its process when nobody reads here.
 */
export function createJobLog(deps: {
  /** Tells the node that all up to this number is here, and that it may send a window's worth beyond. */
  readonly ack: (seq: number) => void;
  readonly onClosed: () => void;
}) {
  let lastSeq = 0;
  let untoldBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let open = 2;
  const paused = { stdout: false, stderr: false };

  const pipeFor = (stream: "stdout" | "stderr"): RemotePipe =>
    createRemotePipe(
      (order) => {
        paused[stream] = order === "pause";
        if (order !== "pause") tellSoon();
      },
      () => {
        open -= 1;
        if (open === 0) deps.onClosed();
      },
    );
  const stdout = pipeFor("stdout");
  const stderr = pipeFor("stderr");

  function tell(): void {
    clearTimeout(timer);
    timer = undefined;
    if (paused.stdout || paused.stderr) return;
    untoldBytes = 0;
    deps.ack(lastSeq);
  }

  function tellSoon(): void {
    if (untoldBytes >= ACK_BYTES) tell();
    else timer ??= setTimeout(tell, ACK_AFTER_MS);
  }

  return {
    stdout,
    stderr,
    take({ seq, stream, data }: LogFrame): void {
      // Said again, since its acknowledgement was lost with a link.
      if (seq <= lastSeq) return tellSoon();
      lastSeq = seq;
      untoldBytes += data.length;
      (stream === "stderr" ? stderr : stdout).push(data);
      tellSoon();
    },
    /** No more will come. */
    end(): void {
      clearTimeout(timer);
      stdout.end();
      stderr.end();
    },
  };
}

export type JobLog = ReturnType<typeof createJobLog>;
