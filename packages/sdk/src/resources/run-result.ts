import type { Run } from "@yardmaster/protocol";
import { AppError, isAppError, type Json } from "@yardmaster/protocol/core";
import type { WaitOptions } from "./run-end.ts";

export interface ResultOptions<Output> extends WaitOptions {
  /** Makes of the output what it should be, or throws: `Schema.parse` of zod, say. Without it the type is taken on trust. */
  readonly parse?: ((output: Json) => Output) | undefined;
}

/** A run that did not succeed, with the code of its own error. */
export class RunError extends AppError {
  readonly run: Run;

  constructor(run: Run) {
    const { id, ref, status, error } = run;
    const why = error === null ? "" : `: ${error.message}`;
    const how =
      status === "timed_out" ? "timed out" : `${status === "failed" ? "" : "was "}${status}`;
    super(error?.code ?? CODES[status] ?? "action_failed", `${ref} ${how}${why} (run ${id})`);
    this.name = "RunError";
    this.run = run;
  }
}

const CODES = { timed_out: "timed_out", canceled: "canceled" } as Readonly<
  Partial<Record<Run["status"], AppError["code"]>>
>;

/** Whether it is of a run that did not succeed, and has the `run`. */
export function isRunError(error: unknown): error is RunError {
  return isAppError(error) && "run" in error;
}

/** The output of a run that has ended. */
export function outputOf<Output>(
  run: Run,
  { parse = (output) => output as Output }: Pick<ResultOptions<Output>, "parse"> = {},
): Output {
  if (run.status !== "success") throw new RunError(run);
  return parse(run.output);
}
