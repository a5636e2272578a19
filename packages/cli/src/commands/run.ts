import { randomUUID } from "node:crypto";
import type { Run } from "@yardmaster/protocol";
import { AppError, ERRORS, isFinal, type Json, parseDuration } from "@yardmaster/protocol/core";
import { InvalidArgumentError } from "commander";
import { act, type Call, type Define, Interrupted } from "../command.ts";
import { exitCodeOf } from "../exit-code.ts";
import { runLines } from "../output/run-lines.ts";
import { parseAssignments, readJsonOption, withWordHints } from "../run-input.ts";
import { showRunLive } from "../watch/show-run.ts";
import { tellGoesOn, withStarted } from "../watch/started-run.ts";
import { waitForRun } from "../watch/wait-for-run.ts";

interface RunOptions {
  readonly input?: string;
  readonly watch?: true;
  readonly wait?: number;
  readonly idempotencyKey?: string;
}

export const define: Define = (command, host) => {
  command
    .argument("<ref>", "what to run: examples.greet")
    .argument("[key=value...]", "its input; values that are JSON are taken as JSON, others as text")
    .option("--input <json>", "the whole input as JSON, @file, or @- for stdin")
    .option("--watch", "show the steps live until the run has ended")
    .option("--wait <time>", "wait so long for the end: seconds, or 1m30s", waitMs)
    .option("--idempotency-key <key>", "the same key again gives the same run")
    .addHelpText("after", EXITS);
  command.options.find((option) => option.long === "--watch")?.conflicts("wait");
  act<RunOptions>(command, host, start);
};

/** How long Ctrl-C waits for the id of what was started. The same key gives the same run. */
const ASK_AGAIN_MS = 2_000;

const EXITS = `
Exits with 0 when the run was successful, or has only been started; 1 when it failed, 124 when it timed out or did
not end within --wait, 130 when it was canceled.`;

async function start(call: Call<RunOptions>): Promise<number> {
  const { args, options, out } = call;
  const input = await inputOf(call);
  const client = await call.connect();
  const startedMs = call.io.now();
  const what = { ref: args[0] as string, input };
  const idempotencyKey = options.idempotencyKey ?? randomUUID();
  const run = await call
    .interruptible((signal) =>
      client.runs.start(what, { waitMs: options.wait, idempotencyKey, signal }),
    )
    .catch(async (error: unknown) => {
      if (error instanceof Interrupted && options.wait !== undefined)
        await tellUnanswered(call, () =>
          client.runs.start(what, { idempotencyKey, signal: AbortSignal.timeout(ASK_AGAIN_MS) }),
        );
      throw withWordHints(error, call.rest);
    });
  if (options.watch) {
    const shown = await withStarted(call.io, run.id, () => showRunLive(call, run.id));
    if (!out.isJson && shown.run.status === "success")
      out.lines(...runLines(shown.run, out.paint).output);
    return shown.exitCode;
  }
  if (options.wait === undefined) {
    out.value(run, () =>
      out.lines(run.id, out.paint.faint(`Watch it: yard runs show ${run.id} --watch`)),
    );
    return 0;
  }
  const leftMs = options.wait - (call.io.now() - startedMs);
  const ended = isFinal(run.status)
    ? run
    : await withStarted(call.io, run.id, () => waitForRun(call, client, { run, leftMs }));
  out.value(ended, () => out.lines(...runLines(ended, out.paint).all));
  return isFinal(ended.status) ? exitCodeOf(ended) : ERRORS.timed_out.exit;
}

/** Of a run whose end the server was asked to wait for with its start: it has begun, and nobody here knows its id. */
async function tellUnanswered(
  { io }: Pick<Call<RunOptions>, "io">,
  again: () => Promise<Run>,
): Promise<void> {
  try {
    const { id } = await again();
    tellGoesOn(io, id);
  } catch {
    io.stderr.write("The run may have been started: yard runs\n");
  }
}

async function inputOf({ rest, options, io }: Call<RunOptions>): Promise<Json> {
  if (options.input === undefined) return parseAssignments(rest);
  if (rest.length > 0)
    throw new AppError("invalid_request", "Give the input by --input or as key=value, not both");
  return readJsonOption("--input", options.input, io);
}

function waitMs(text: string): number {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : parseDuration(text);
  if (ms === undefined || ms <= 0)
    throw new InvalidArgumentError("It must be a time like 30 (seconds), 90s or 1m30s.");
  return ms;
}
