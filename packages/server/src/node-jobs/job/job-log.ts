import { NODE_FLOW } from "@yardmaster/protocol/node";
import { createRemotePipe, type RemotePipe } from "../../runners/index.ts";

/** How much is taken before the node is told so, unless it prints little. */
const ACK_BYTES = NODE_FLOW.creditBytes / 4;
const ACK_AFTER_MS = 100;
/** A node stops reading its process at the end of its credit; what it had read by then comes too. */
const MOST_UNTOLD_BYTES = 2 * NODE_FLOW.creditBytes;

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
}) {
  let lastSeq = 0;
  let linkSeq = 0;
  let untoldBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const paused = { stdout: false, stderr: false };

  const pipeFor = (stream: "stdout" | "stderr"): RemotePipe =>
    createRemotePipe((order) => {
      paused[stream] = order === "pause";
      if (order !== "pause") tellSoon();
    });
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
    /** False: empty, said twice over one link, or far beyond what it was allowed to send. */
    take({ seq, stream, data }: LogFrame): boolean {
      const isNew = seq > linkSeq && data.length > 0;
      linkSeq = Math.max(linkSeq, seq);
      // Said again, since its acknowledgement was lost with a link.
      if (seq > lastSeq) {
        lastSeq = seq;
        untoldBytes += data.length;
        (stream === "stderr" ? stderr : stdout).push(data);
      }
      const isAllowed = untoldBytes <= MOST_UNTOLD_BYTES;
      tellSoon();
      return isNew && isAllowed;
    },
    /** Another link stands: the node says again what it does not know to be here. */
    linked(): void {
      linkSeq = 0;
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
