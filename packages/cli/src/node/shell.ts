import { randomUUID } from "node:crypto";
import type { ExecEnded, ExecOnNode } from "@yardmaster/protocol";
import { isAppError } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import { act, type Call, type Host } from "../command.ts";
import { exitCodeOfCall, notesOf } from "./call/ended-call.ts";
import { runOnTerminal } from "./call/run-on-terminal.ts";
import { runLineShell } from "./line-shell.ts";

interface ShellOptions {
  readonly cwd?: string;
  readonly session?: string;
  readonly timeout: string;
  readonly wait?: string;
  readonly lines?: true;
}

/** The person's own shell, as a login would start it. */
const LOGIN_SHELL = 'exec "${SHELL:-/bin/sh}" -l';

export function defineShell(command: Command, host: Host): void {
  const shell = command
    .command("shell")
    .description("open a shell on a node in this terminal")
    .argument("<node>")
    .option("--cwd <path>", "where it begins")
    .option("--session <name>", "with lines: the shell session, main unless named")
    .option("--timeout <duration>", "end it after so long", "24h")
    .option("--wait <duration>", "how long to wait for a node that is offline")
    .option("--lines", "send whole lines, without a terminal at the node")
    .addHelpText(
      "after",
      "\nEvery key goes to the node. Enter, then ~. leaves a shell that does not answer any more.\nWhere the node has no terminal to give, or stdin is none, each line is a command of one shell session.",
    );
  act<ShellOptions>(shell, host, async (call) => {
    const { io, options } = call;
    const isTerminal = io.stdin.isTTY && io.stdout.isTTY === true;
    if (!isTerminal || options.lines) return await runLines(call);
    const end = await runTerminal(call);
    if (end === undefined) return await runLines(call);
    for (const note of notesOf(end)) io.stderr.write(`yard: ${note}\n`);
    return exitCodeOfCall(end);
  });
}

/** Undefined where the node has no terminal. */
async function runTerminal(call: Call<ShellOptions>): Promise<ExecEnded | undefined> {
  const { args, io, options } = call;
  const request: ExecOnNode = {
    ...waitOf(options),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    timeout: options.timeout,
    command: LOGIN_SHELL,
    shell: "fresh",
    // Beside whatever else runs there: calls of one session wait for each other.
    session: `tty-${randomUUID().slice(0, 8)}`,
  };
  const client = await call.connect();
  try {
    const end = await runOnTerminal({ client, io, node: args[0] as string, request });
    return end.error?.code === "unsupported" ? withoutTerminal() : end;
  } catch (error) {
    if (!isAppError(error) || error.code !== "unsupported") throw error;
    return withoutTerminal();
  }

  function withoutTerminal(): undefined {
    io.stderr.write("yard: this node has no terminal to give; each line is a command of its own\n");
  }
}

async function runLines({ args, io, options, connect }: Call<ShellOptions>): Promise<number> {
  const { cwd, session, timeout } = options;
  const common = {
    timeout,
    ...waitOf(options),
    ...(session !== undefined && { session }),
  };
  const client = await connect();
  return await runLineShell({ client, io, node: args[0] as string, common, start: cwd });
}

function waitOf({ wait }: ShellOptions): Pick<ExecOnNode, "wait"> {
  return wait === undefined ? {} : { wait };
}
