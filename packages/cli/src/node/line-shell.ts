import type { ExecOnNode } from "@yardmaster/protocol";
import type { Client } from "@yardmaster/sdk";
import { Interrupted } from "../command.ts";
import type { Io } from "../io.ts";
import { printable } from "../output/printable.ts";
import { exitCodeOfCall, notesOf } from "./call/ended-call.ts";
import { runCall } from "./call/run-call.ts";
import { writeBytes } from "./call/write-bytes.ts";
import { readLines } from "./read-lines.ts";

export interface LineShell {
  readonly client: Client;
  readonly io: Io;
  readonly node: string;
  /** What each line's call has beside its command. */
  readonly common: Omit<ExecOnNode, "command" | "argv" | "cwd">;
  /** Where the first line runs; the session stays there. */
  readonly start: string | undefined;
}

/**
 * A shell without a terminal at the node: each line is a command of one shell session, which keeps its directory and
 * variables. Ends at `exit` or the end of stdin, with the exit code of the last command.
 */
export async function runLineShell({
  client,
  io,
  node,
  common,
  start,
}: LineShell): Promise<number> {
  const isTyped = io.stdin.isTTY && io.stdout.isTTY === true;
  let exitCode = 0;
  let cwd: string | null = null;
  let next = start;
  const prompt = (): void => {
    if (isTyped) io.stdout.write(`${printable(node)}:${printable(cwd ?? "")}$ `);
  };

  prompt();
  for await (const line of readLines(io.stdin)) {
    const left = /^\s*exit(?:\s+(\d{1,3}))?\s*$/.exec(line);
    if (left !== null) return left[1] === undefined ? exitCode : Number(left[1]);
    if (line.trim() !== "") exitCode = await runLine(line);
    prompt();
  }
  return exitCode;

  async function runLine(line: string): Promise<number> {
    const request = { ...common, command: line, ...(next !== undefined && { cwd: next }) };
    next = undefined;
    try {
      const end = await runCall({
        client,
        io,
        node,
        request,
        onOutput: (stream, bytes) => writeBytes(stream === "stderr" ? io.stderr : io.stdout, bytes),
      });
      cwd = end.cwd ?? cwd;
      for (const note of notesOf(end)) io.stderr.write(`yard: ${note}\n`);
      return exitCodeOfCall(end);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      return 130;
    }
  }
}
