import type { ExecEnded, ExecEvent, ExecOnNode, ExecResult } from "@yardmaster/protocol";
import { AppError, isAppError, outputFields } from "@yardmaster/protocol/core";
import { readLines } from "../transport/json-lines.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

const JSON_LINES = "application/x-ndjson";

/**
 * A call as it goes on. The last event is `ended`: a stream that breaks before it throws `unavailable`, for nobody knows
 * then what became of the call. What a newer server tells beside is left out.
 */
export async function* streamExec(
  transport: Transport,
  path: string,
  body: ExecOnNode,
  { signal }: CallOptions,
): AsyncGenerator<ExecEvent, void, undefined> {
  const headers = { accept: `${JSON_LINES}, application/json` };
  const response = await transport.open({ method: "POST", path, body, headers, signal });
  let call: string | undefined;
  try {
    for await (const line of readLines(response)) {
      const event = JSON.parse(line) as ExecEvent;
      if (event.type === "started") call = event.call;
      if (!EVENTS.has(event.type)) continue;
      yield event;
      if (event.type === "ended") return;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (isAppError(error)) throw error;
    throw cutOff(call, transport.unreachable(error));
  }
  throw cutOff(call);
}

const EVENTS: ReadonlySet<string> = new Set<ExecEvent["type"]>([
  "started",
  "output",
  "state",
  "ended",
]);

function cutOff(call: string | undefined, cause?: AppError): AppError {
  const which = call === undefined ? "" : ` ${call}`;
  const advice =
    call === undefined ? "" : `; it may still run: yard audit --request ${call} tells its end`;
  const why = cause === undefined ? "the answer ended early" : cause.message;
  return new AppError("unavailable", `Call${which} was lost sight of: ${why}${advice}`, { cause });
}

/** Runs a call to its end, its output as text, and as bytes where it is none. A terminal's output is its stdout. */
export async function runExec(events: AsyncIterable<ExecEvent>): Promise<ExecResult> {
  const pieces = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  let end: ExecEnded | undefined;
  for await (const event of events) {
    if (event.type === "output") {
      const stream = event.stream === "stderr" ? "stderr" : "stdout";
      pieces[stream].push(bytesOf(event.data_b64));
    } else if (event.type === "ended") end = event;
  }
  if (end === undefined) throw cutOff(undefined);
  const { type: _, ...result } = end;
  return { ...result, ...outputFields(joined(pieces.stdout), joined(pieces.stderr)) };
}

/** The bytes of an output event, where there is no `Buffer` too. */
function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Characters may come in two pieces. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
