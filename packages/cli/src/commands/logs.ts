import type { Run } from "@yardmaster/protocol";
import { isAppError, type RunStatus } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { act, type Define } from "../command.ts";
import { createLogPrinter } from "../output/log-printer.ts";
import { printable } from "../output/printable.ts";
import { findRunId } from "../short-id/find-id.ts";
import { tellAway, tellBack } from "../watch/server-away.ts";
import { requireStep } from "./known-step.ts";
import { positiveInteger } from "./limit-option.ts";

interface LogOptions {
  readonly follow?: true;
  readonly step?: string;
  readonly tail?: number;
  readonly raw?: true;
}

export const define: Define = (command, host) => {
  command
    .argument("<run>")
    .option("-f, --follow", "go on with what is written until the run has ended")
    .option("--step <step>", "only this step, or with #0 one of its items")
    .option("--tail <n>", "only its last lines, and with --follow what comes", positiveInteger)
    .option("--raw", "also the lines that agents print for Yardmaster, as they print them");
  act<LogOptions>(
    command,
    host,
    async ({ args, options: { follow, step, tail, raw }, connect, interruptible, out, io }) => {
      const client = await connect();
      const run = await findRunId(client, args[0] as string, io.now());
      // Of a log that comes as it is written, nobody would hear of it before the run has ended.
      if (step !== undefined && follow) await requireStep(client, run, step);
      let isEmpty = true;
      const isTerminal = io.stdout.isTTY === true;
      const look = { isTerminal, paint: out.paint, isBare: step !== undefined };
      const printer = createLogPrinter((line) => out.lines(line), look);
      const release = follow ? io.endWithReader() : () => {};
      const [onAway, onBack] = [() => tellAway(io), () => tellBack(io)];
      await interruptible(async (signal) => {
        const options = { follow, step, tail, raw, signal, onAway, onBack };
        for await (const piece of client.runs.logs(run, options)) {
          isEmpty = false;
          if (piece.older === "too_large") io.stderr.write(`${out.paint.faint(TOO_LARGE)}\n`);
          out.value(piece, () => printer.add(piece));
        }
      }).finally(() => {
        release();
        printer.flush();
      });
      if (step !== undefined && isEmpty) await requireStep(client, run, step);
      if (out.isJson || step !== undefined) return;
      for (const line of await childLines(client, run))
        io.stderr.write(`${out.paint.faint(line)}\n`);
    },
  );
};

const TOO_LARGE =
  "So many lines are too large to be read from the end: the oldest of them are left out.";

/** More are told by the command that lists them. */
const CHILDREN = 10;

/** Where the logs of steps are that are runs of their own, oldest first; of many, those of the ones that failed. */
async function childLines(client: Client, run: string): Promise<string[]> {
  const of = { parent: run, payloads: "false" } as const;
  try {
    const children = await firstOf(client.runs.list(of));
    if (children.length <= CHILDREN) return linesOf(children);
    const failed = await firstOf(client.runs.list({ ...of, status: "failed" }));
    const shown = failed.length > 0 ? failed : children;
    return [`It started many runs: yard runs --parent ${run}`, ...linesOf(shown)];
  } catch (error) {
    // Without the right to list runs there is nothing to say.
    if (isAppError(error)) return [];
    throw error;
  }
}

const BAD: readonly string[] = ["failed", "timed_out", "canceled"] satisfies RunStatus[];

function linesOf(newestFirst: readonly Run[]): string[] {
  return newestFirst
    .slice(0, CHILDREN)
    .reverse()
    .map(({ id, ref, status }) => {
      const ended = BAD.includes(status) ? ` (${status.replace("_", " ")})` : "";
      return `${printable(ref)}${ended} is a run of its own: yard logs ${id}`;
    });
}

async function firstOf(runs: AsyncIterable<Run>): Promise<Run[]> {
  const first: Run[] = [];
  for await (const run of runs) {
    first.push(run);
    if (first.length > CHILDREN) break;
  }
  return first;
}
