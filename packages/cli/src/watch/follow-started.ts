import type { Run } from "@yardmaster/protocol";
import { ERRORS, isFinal, parseDuration } from "@yardmaster/protocol/core";
import { type Command, InvalidArgumentError } from "commander";
import type { Call } from "../command.ts";
import { exitCodeOf } from "../exit-code.ts";
import { runLines } from "../output/run-lines.ts";
import { showRunLive } from "./show-run.ts";
import { withStarted } from "./started-run.ts";
import { waitForRun } from "./wait-for-run.ts";

export interface FollowOptions {
  readonly watch?: true;
  /** Milliseconds. */
  readonly wait?: number;
}

/** `--watch` and `--wait` of every command that starts a run, which `what` names. */
export function withFollowing(command: Command, what: string): Command {
  command
    .option("--watch", `show the steps live until ${what} has ended`)
    .option("--wait <time>", "wait so long for the end: seconds, or 1m30s", waitMs)
    .options.find((option) => option.long === "--watch")
    ?.conflicts("wait");
  return command;
}

export const FOLLOW_EXITS = `
Exits with 0 when the run was successful, or has only been started; 1 when it failed, 124 when it timed out or did
not end within --wait, 130 when it was canceled.`;

/**
 * Shows a run that this call has started, as its options say; gives its exit code. Undefined where they say nothing.
 * `startedMs` is when it was asked for: `--wait` counts from there.
 */
export async function followStarted(
  call: Call<FollowOptions>,
  { run, startedMs }: { readonly run: Run; readonly startedMs: number },
): Promise<number | undefined> {
  const { options, out, io } = call;
  if (options.watch) return await withStarted(io, run.id, () => showRunLive(call, run.id));
  if (options.wait === undefined) return undefined;
  const leftMs = options.wait - (io.now() - startedMs);
  const client = await call.connect();
  const ended = isFinal(run.status)
    ? run
    : await withStarted(io, run.id, () => waitForRun(call, client, { run, leftMs }));
  out.value(ended, () => out.lines(...runLines(ended, out.paint).all));
  return isFinal(ended.status) ? exitCodeOf(ended) : ERRORS.timed_out.exit;
}

function waitMs(text: string): number {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : parseDuration(text);
  if (ms === undefined || ms <= 0)
    throw new InvalidArgumentError("It must be a time like 30 (seconds), 90s or 1m30s.");
  return ms;
}
