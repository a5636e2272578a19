import { randomUUID } from "node:crypto";
import type { Run } from "@yardmaster/protocol";
import { AppError, type Json } from "@yardmaster/protocol/core";
import { act, type Call, type Define, Interrupted } from "../command.ts";
import { givenOnce, parseAssignments, readJsonOption, withWordHints } from "../run-input.ts";
import {
  FOLLOW_EXITS,
  type FollowOptions,
  followStarted,
  withFollowing,
} from "../watch/follow-started.ts";
import { tellGoesOn } from "../watch/started-run.ts";

interface RunOptions extends FollowOptions {
  readonly input?: string;
  readonly idempotencyKey?: string;
}

export const define: Define = (command, host) => {
  command
    .argument("<ref>", "what to run: examples.greet")
    .argument("[key=value...]", "its input; values that are JSON are taken as JSON, others as text")
    .option("--input <json>", "the whole input as JSON, @file, or @- for stdin", givenOnce);
  withFollowing(command, "the run")
    .option("--idempotency-key <key>", "the same key again gives the same run")
    .addHelpText("after", FOLLOW_EXITS);
  act<RunOptions>(command, host, start);
};

/** How long Ctrl-C waits for the id of what was started. The same key gives the same run. */
const ASK_AGAIN_MS = 2_000;

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
  const exitCode = await followStarted(call, { run, startedMs });
  if (exitCode !== undefined) return exitCode;
  out.value(run, () =>
    out.lines(run.id, out.paint.faint(`Watch it: yard runs show ${run.id} --watch`)),
  );
  return 0;
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
