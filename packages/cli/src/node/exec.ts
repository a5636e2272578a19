import type { ExecEnded, ExecOnNode, ExecResult } from "@yardmaster/protocol";
import { AppError, outputFields } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { Command } from "commander";
import { act, type Call, type Host } from "../command.ts";
import { positiveInteger } from "../commands/limit-option.ts";
import { gatherText } from "../gather-text.ts";
import { exitCodeOfCall, notesOf } from "./call/ended-call.ts";
import { type RunningCall, runCall } from "./call/run-call.ts";
import { runOnTerminal } from "./call/run-on-terminal.ts";
import { inputOf } from "./call/send-input.ts";
import { writeBytes } from "./call/write-bytes.ts";
import { pairsOf } from "./labels.ts";

interface ExecOptions {
  readonly command?: string;
  readonly cwd?: string;
  readonly env?: readonly string[];
  readonly session?: string;
  readonly fresh?: true;
  readonly stdin?: true;
  readonly tty?: true;
  readonly timeout?: string;
  readonly wait?: string;
  readonly maxOutput?: number;
}

type ExecCall = Call<ExecOptions>;

export function defineExec(command: Command, host: Host): void {
  const exec = command
    .command("exec")
    .description("run a command on a node, as if it ran here: output, input and exit code")
    .argument("<node>")
    .argument("[command...]", "a program and its arguments behind --, without a shell")
    .option("-c, --command <text>", "run this text in a shell session instead")
    .option("-i, --stdin", "send what comes on stdin to it")
    .option("-t, --tty", "give it this terminal: for editors, prompts and top")
    .option("--cwd <path>", "where it runs; for this call alone")
    .option("--env <name=value>", "a variable for this call; may be given again", gatherText)
    .option("--session <name>", "the shell session, main unless named: calls of one follow another")
    .option("--fresh", "a shell of its own that ends with it")
    .option("--timeout <duration>", "end it after so long: 60s unless given, at most 24h")
    .option("--wait <duration>", "how long to wait for a node that is offline")
    .option("--max-output <bytes>", "how much of each stream is sent at most", positiveInteger)
    .addHelpText(
      "after",
      "\nIt exits with the command's exit code, 124 when it ran into its timeout, 130 when it was canceled.\nCtrl-C stops it on the node; a second one leaves it.\nWith --json, output that is no UTF-8 is there as it is in stdout_b64 and stderr_b64.",
    );
  act<ExecOptions>(exec, host, async (call) => {
    const node = call.args[0] as string;
    const request = requestOf(call.rest, call.options);
    const client = await call.connect();
    if (call.out.isJson) return await runForJson(call, { client, node, request });
    const { io } = call;
    const end = call.options.tty
      ? await runOnTerminal({ client, io, node, request })
      : await runPiped(call, { client, node, request });
    for (const note of notesOf(end)) io.stderr.write(`yard: ${note}\n`);
    return exitCodeOfCall(end);
  });
}

function requestOf(argv: readonly string[], options: ExecOptions): ExecOnNode {
  const { command, cwd, env, session, fresh, timeout, wait, maxOutput } = options;
  if ((command === undefined) === (argv.length === 0))
    throw new AppError(
      "invalid_request",
      "Say what to run: a program behind `--`, or a text for the shell with -c",
    );
  return {
    ...(command === undefined ? { argv: [...argv] } : { command }),
    ...(options.stdin && { stdin: "pipe" as const }),
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env: pairsOf(env, "--env") }),
    ...(session !== undefined && { session }),
    ...(fresh && { shell: "fresh" as const }),
    ...(timeout !== undefined && { timeout }),
    ...(wait !== undefined && { wait }),
    ...(maxOutput !== undefined && { max_output_bytes: maxOutput }),
  };
}

interface Target {
  readonly client: Client;
  readonly node: string;
  readonly request: ExecOnNode;
}

/** Bytes pass through as they are, each stream to its own. */
function runPiped({ io, options }: ExecCall, target: Target): Promise<ExecEnded> {
  return runCall({
    ...target,
    io,
    onOutput: (stream, bytes) => writeBytes(stream === "stderr" ? io.stderr : io.stdout, bytes),
    ...(options.stdin && { onStarted: (call) => connectStdin(io, target, call) }),
  });
}

function connectStdin(io: ExecCall["io"], target: Target, { id }: RunningCall): () => void {
  const input = inputOf({ ...target, io }, id);
  const stopReading = io.stdin.read({ onBytes: input.push, onEnd: input.end });
  return () => {
    stopReading();
    input.stop();
  };
}

/** The whole result at its end, as one value. */
async function runForJson({ io, options, out }: ExecCall, target: Target): Promise<number> {
  const texts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const { type: _, ...end } = await runCall({
    ...target,
    io,
    onOutput: (stream, bytes) => {
      texts[stream === "stderr" ? "stderr" : "stdout"].push(bytes);
    },
    ...(options.stdin && { onStarted: (call) => connectStdin(io, target, call) }),
  });
  const result: ExecResult = {
    ...end,
    ...outputFields(Buffer.concat(texts.stdout), Buffer.concat(texts.stderr)),
  };
  out.value(result, () => {});
  return exitCodeOfCall({ type: "ended", ...end });
}
