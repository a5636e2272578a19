import type { ProcessSpec } from "@yardmaster/kernel";
import type { ProcessLimits } from "../limits.ts";

import type { OutputPipe } from "../process/start.ts";
import { STDERR_TAIL_BYTES } from "../process/stderr-tail.ts";
import type { AttemptContext, AttemptFacts } from "../runner.ts";
import { type Capture, capture } from "./capture.ts";
import { maskedPipe } from "./masked-pipe.ts";
import { SURROUNDING_SPACE_BYTES } from "./output.ts";

/** Both streams of a process, wherever it runs. */
export interface ProcessOutput {
  /** Kept, for the action's output. */
  readonly stdout: Capture;
  /** Of it the end is kept, for errors. */
  readonly stderr: Capture;
}

export function captureBoth(
  pipes: { readonly stdout: OutputPipe; readonly stderr: OutputPipe },
  spec: ProcessSpec,
  {
    onLog,
    onStdout,
    now,
    limits,
    masker,
  }: Pick<AttemptContext, "onLog" | "onStdout" | "masker"> & {
    readonly now: () => number;
    readonly limits: ProcessLimits;
  },
): ProcessOutput {
  const { resultLimitBytes, outputLimitBytes } = limits;
  const keepLimitBytes = Math.min(resultLimitBytes + SURROUNDING_SPACE_BYTES, outputLimitBytes);
  const common = { onLog, now, logLimitBytes: outputLimitBytes };
  const read = (pipe: OutputPipe): OutputPipe =>
    masker === undefined ? pipe : maskedPipe(pipe, masker.stream());
  return {
    stdout: capture(read(pipes.stdout), {
      ...common,
      ...(onStdout !== undefined && { onBytes: onStdout }),
      stream: "stdout",
      keepLimitBytes: spec.output === "none" ? 0 : keepLimitBytes,
      tailBytes: 0,
    }),
    stderr: capture(read(pipes.stderr), {
      ...common,
      stream: "stderr",
      keepLimitBytes: 0,
      tailBytes: STDERR_TAIL_BYTES,
    }),
  };
}

export function printedFacts({
  stdout,
  stderr,
}: ProcessOutput): Pick<AttemptFacts, "stdoutBytes" | "stderrBytes" | "stdoutCut" | "stderrCut"> {
  return {
    stdoutBytes: stdout.bytes(),
    stderrBytes: stderr.bytes(),
    ...(stdout.cut() && { stdoutCut: true }),
    ...(stderr.cut() && { stderrCut: true }),
  };
}
