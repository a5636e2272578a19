import { AppError } from "@yardmaster/protocol";
import { clampTimeoutMs, INPUT_ACKS, type OutgoingServerFrames } from "@yardmaster/protocol/node";
import { wrapCommand } from "../base/wrap-command.ts";
import type { ExecRequest } from "../hub.types.ts";
import type { CallLink } from "./call.types.ts";
import { permitPath } from "./granted-path.ts";

type ExecFrame = OutgoingServerFrames["exec"];

export interface ExecLimits {
  readonly baseExecMostMs: number;
  readonly execMostMs: number;
}

/** Streamed output needs no limit on the node: whoever reads it decides. */
const UNLIMITED_BYTES = 2 ** 40;

/** What a link can carry of a request; the rest is refused, never left out silently. */
export function execFrame(
  id: string,
  request: ExecRequest,
  link: CallLink,
  limits: ExecLimits & { readonly isStreamed: boolean },
): ExecFrame {
  const { name, grants } = link.node;
  if (!grants.exec) throw new AppError("not_granted", `Node ${name} is not granted exec`);
  if (request.cwd !== undefined) permitPath(link.node, request.cwd);
  if (!link.has("exec")) throw unoffered(link, "exec");
  const isStrict = link.has("exec_strict");
  const isInteractive = request.stdin === "pipe" || request.stdin === "pty";
  if ((isInteractive || request.stdinBytes !== undefined) && !(isStrict && link.has("input")))
    throw lacking(name, "input");
  if (!isStrict) refuseStrict(name, request, link);
  const { cwd, env, timeoutMs } = request;
  const mostMs = isStrict ? limits.execMostMs : limits.baseExecMostMs;
  const frame: ExecFrame = {
    type: "exec",
    id,
    command: isStrict ? request.command : wrapped(request.command, link),
    timeout_ms: clampTimeoutMs(timeoutMs, mostMs),
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env: { ...env } }),
  };
  return isStrict ? { ...frame, ...strictFields(request, link, limits.isStreamed) } : frame;
}

function wrapped(command: string, link: CallLink): string {
  return wrapCommand(command, { base: link.node.base, hasChunks: link.has("exec_chunk") });
}

function strictFields(
  request: ExecRequest,
  link: CallLink,
  isStreamed: boolean,
): Partial<ExecFrame> {
  const { argv, session, shell, pty, killGraceMs, maxOutputBytes } = request;
  const stdin = request.stdin ?? (request.stdinBytes === undefined ? undefined : "pipe");
  const readsInput = stdin === "pipe" || stdin === "pty";
  const isInputAcked = readsInput && link.info.features.includes(INPUT_ACKS);
  const most = maxOutputBytes ?? (isStreamed ? UNLIMITED_BYTES : undefined);
  return {
    ...(argv !== undefined && { argv: [...argv] }),
    ...(session !== undefined && { session }),
    ...(shell !== undefined && { shell }),
    ...(stdin !== undefined && { stdin }),
    ...(pty !== undefined && { pty: { ...pty } }),
    ...(isInputAcked && { input_acks: true }),
    ...(killGraceMs !== undefined && { kill_grace_ms: killGraceMs }),
    ...(most !== undefined && { max_output_bytes: most }),
  };
}

/** What only our client does. */
function refuseStrict(name: string, request: ExecRequest, link: CallLink): void {
  const { argv, session = "main", shell = "session", env } = request;
  if (argv !== undefined) throw lacking(name, "argv");
  if (session !== "main") throw lacking(name, "sessions other than main");
  if (shell !== "session") throw lacking(name, "fresh shells");
  if (env !== undefined && Object.keys(env).length > 0 && link.node.base.env === "refuse") {
    const detail = `The client of node ${name} ignores env, and the node is set to refuse it`;
    throw new AppError("unsupported", detail);
  }
}

/** Our own client can do all three: what it does not offer its owner does not allow. */
export function unoffered(link: CallLink, what: "exec" | "read" | "write"): AppError {
  const { name } = link.node;
  if (!link.has("lifecycle")) return lacking(name, what);
  const code = what === "exec" ? "command_not_allowed" : "path_not_allowed";
  const detail = `The owner of node ${name} does not allow ${what}: "allow" in its node.json, on that machine, says so`;
  return new AppError(code, detail);
}

export function lacking(name: string, what: string): AppError {
  const detail = `The client of node ${name} cannot do this (${what}); it needs one that can, such as yard node`;
  return new AppError("unsupported", detail);
}
