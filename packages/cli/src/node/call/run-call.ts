import type { ExecEnded, ExecOnNode, NodeStream } from "@yardmaster/protocol";
import { AppError, isAppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { Interrupted } from "../../command.ts";
import type { Io } from "../../io.ts";
import { printable } from "../../output/printable.ts";

export interface CallPlan {
  readonly client: Client;
  readonly io: Io;
  readonly node: string;
  readonly request: ExecOnNode;
  /** This terminal is the node's, so that no line may be taken for begun, and Ctrl-C goes there. */
  readonly isTerminal?: boolean;
  /** The next output waits for it. */
  onOutput(stream: NodeStream, bytes: Uint8Array): Promise<void> | void;
  /** The node has it; gives what is to be done when it has ended. */
  onStarted?(call: RunningCall): () => void;
}

export interface RunningCall {
  readonly id: string;
  /** Asks the node to stop it; asked again, leaves it alone and ends here. */
  cancel(): void;
}

/** Runs a call to its end. Ctrl-C stops it on the node; a second one does not wait for that. */
export async function runCall(plan: CallPlan): Promise<ExecEnded> {
  const { client, io, node, request } = plan;
  const left = new AbortController();
  let id: string | undefined;
  let isCanceled = false;

  function cancel(): void {
    if (isCanceled || id === undefined) return left.abort(new Interrupted("interrupted"));
    isCanceled = true;
    void stopOnNode(id).catch(tellFailure);
  }

  async function stopOnNode(call: string): Promise<void> {
    const { state } = await client.nodes.cancel(node, call, { reason: "interrupted" });
    if (state !== "abandoned") return;
    io.stderr.write(`yard: ${printable(node)} cannot stop it; it is left to itself\n`);
    left.abort(new Interrupted("interrupted"));
  }

  function tellFailure(error: unknown): void {
    if (left.signal.aborted) return;
    const why = isAppError(error) ? error.message : String(error);
    io.stderr.write(`yard: it could not be canceled: ${printable(why)}\n`);
  }

  const release = io.onInterrupt(cancel);
  let onEnded: (() => void) | undefined;
  try {
    for await (const event of client.nodes.stream(node, request, { signal: left.signal })) {
      if (event.type === "ended") return event;
      if (event.type === "state") tellState(plan, event.state);
      if (event.type === "output")
        await plan.onOutput(event.stream, Buffer.from(event.data_b64, "base64"));
      if (event.type === "started") {
        id = event.call;
        onEnded = plan.onStarted?.({ id, cancel });
      }
    }
  } finally {
    onEnded?.();
    release();
  }
  throw new AppError("internal", `The call ${id ?? ""} ended without a result (c9e1).`);
}

function tellState(
  { io, node, isTerminal = false }: CallPlan,
  state: "reconnecting" | "connected",
): void {
  const wayOut = isTerminal ? ". Enter, then ~. does not wait for it" : "";
  const text =
    state === "connected"
      ? "is back"
      : `lost its link; what runs goes on, and it may come back${wayOut}`;
  const line = `yard: ${printable(node)} ${text}`;
  io.stderr.write(isTerminal ? `\r\n${line}\r\n` : `${line}\n`);
}
