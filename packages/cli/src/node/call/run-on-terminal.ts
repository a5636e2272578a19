import type { ExecEnded, ExecOnNode } from "@yardmaster/protocol";
import type { Client } from "@yardmaster/sdk";
import type { Io } from "../../io.ts";
import { createEscape } from "./escape.ts";
import { type RunningCall, runCall } from "./run-call.ts";
import { inputOf } from "./send-input.ts";
import { writeBytes } from "./write-bytes.ts";

export interface TerminalCall {
  readonly client: Client;
  readonly io: Io;
  readonly node: string;
  readonly request: ExecOnNode;
}

const DEFAULT_SIZE = { columns: 80, rows: 24 };

/**
 * Runs a call as if this terminal were at the node: every key goes there, Ctrl-C too, and its size follows this one's.
 * `~.` at the beginning of a line ends it here.
 */
export async function runOnTerminal(terminal: TerminalCall): Promise<ExecEnded> {
  const { client, io, node } = terminal;
  const size = () => ({
    // A terminal that does not know its size says 0.
    cols: io.stdout.columns || DEFAULT_SIZE.columns,
    rows: io.stdout.rows || DEFAULT_SIZE.rows,
  });
  const request: ExecOnNode = {
    ...terminal.request,
    stdin: "pty",
    pty: { ...size(), term: io.env["TERM"] || "xterm-256color" },
  };

  function connectKeys({ id, cancel }: RunningCall): () => void {
    const input = inputOf({ client, io, node }, id);
    const withoutEscape = createEscape();
    io.stdin.setRaw(true);
    const stopReading = io.stdin.read({
      onBytes: (typed) => {
        const { bytes, isLeft } = withoutEscape(typed);
        if (isLeft) return cancel();
        if (bytes.length > 0) void input.push(bytes);
      },
      onEnd: input.end,
    });
    const stopResizing = io.onResize(() => {
      // A size that does not arrive is set right by the next one.
      void client.nodes.resize(node, id, size()).catch(() => undefined);
    });
    return () => {
      stopResizing();
      stopReading();
      input.stop();
      io.stdin.setRaw(false);
    };
  }

  return await runCall({
    client,
    io,
    node,
    request,
    isTerminal: true,
    onOutput: (_, bytes) => writeBytes(io.stdout, bytes),
    onStarted: connectKeys,
  });
}
