import { EXEC_STREAM_TYPE, type ExecEnded, isAppError } from "@yardmaster/protocol";
import type { RouteReply } from "../http/index.ts";
import { execEnded } from "./call-views.ts";
import { createExecLines } from "./exec-lines.ts";
import type { CallOptions, ExecRequest, Hub } from "./hub/hub.types.ts";

export interface ExecAsked {
  readonly name: string;
  readonly asked: ExecRequest;
  readonly options: CallOptions;
  /** It was refused before it began. */
  readonly onRefused: (error: unknown) => Promise<void>;
}

/**
 * Runs a command and tells what happens as it happens. What is refused before it begins is still an answer with a
 * status; what goes wrong later is an end with its error.
 */
export async function execStream(
  hub: Pick<Hub, "exec" | "live">,
  { name, asked, options, onRefused }: ExecAsked,
): Promise<RouteReply> {
  const lines = createExecLines();
  const ending = new AbortController();
  const startedMs = performance.now();
  let call: string | undefined;
  const node = hub.live(name)?.name ?? name;
  let hasBegun = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    hasBegun = resolve;
  });

  const running = hub
    .exec(name, asked, {
      ...options,
      signal: AbortSignal.any([ending.signal, ...(options.signal ? [options.signal] : [])]),
      onStarted(callId) {
        call = callId;
        void lines.push({ type: "started", call: callId, node });
        hasBegun();
      },
      onOutput: ({ stream, bytes }) =>
        lines.push({ type: "output", stream, data_b64: bytes.toString("base64") }),
      onState: (state) => void lines.push({ type: "state", state }),
    })
    .then((outcome) => lines.end(execEnded(outcome)));
  const ended = running.catch((error: unknown) => {
    if (call === undefined) throw error;
    lines.end(brokenEnd(error, { call, node, tookMs: performance.now() - startedMs }));
  });

  try {
    await Promise.race([begun, ended]);
  } catch (error) {
    await onRefused(error);
    throw error;
  }
  /** Whoever's token is not valid any more is told so, and nothing more; the command is canceled. */
  function endWith(reason: unknown): void {
    if (!isAppError(reason)) return;
    lines.end(brokenEnd(reason, { call: call ?? "", node, tookMs: performance.now() - startedMs }));
    ending.abort();
  }

  return {
    stream: {
      contentType: EXEC_STREAM_TYPE,
      stallMs: null,
      chunks(signal) {
        signal.addEventListener("abort", () => endWith(signal.reason), { once: true });
        return lines.read();
      },
    },
  };
}

/** An end that nobody knows: the link was lost, the node revoked. What is no AppError is the server's own affair. */
function brokenEnd(
  error: unknown,
  of: { readonly call: string; readonly node: string; readonly tookMs: number },
): ExecEnded {
  const known = isAppError(error)
    ? { code: error.code, message: error.message }
    : ({ code: "internal", message: "The server has logged what broke" } as const);
  return {
    type: "ended",
    request_id: of.call,
    node: of.node,
    status: "error",
    exit_code: null,
    signal: null,
    stdout_truncated: false,
    stderr_truncated: false,
    duration_ms: Math.round(of.tookMs),
    cwd: null,
    error: known,
    flags: [],
  };
}
