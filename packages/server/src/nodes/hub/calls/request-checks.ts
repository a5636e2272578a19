import { AppError } from "@yardmaster/protocol";
import { NODE_LIMITS, SERVER_FRAMES } from "@yardmaster/protocol/node";
import type { ExecRequest, ReadRequest, WriteRequest } from "../hub.types.ts";

/** What no node could be asked, whatever its client can. @throws AppError `invalid_request` */
export function checkExec(request: ExecRequest): void {
  const { command, argv, cwd, env, session, pty, maxOutputBytes, killGraceMs } = request;
  checkFrame("exec", {
    command,
    ...defined({ argv, cwd, env, session, pty }),
    ...defined({ max_output_bytes: maxOutputBytes, kill_grace_ms: killGraceMs }),
    ...defined({ timeout_ms: request.timeoutMs }),
  });
  if (cwd !== undefined) checkAbsolute("cwd", cwd);
  if (pty !== undefined && request.stdin !== "pty")
    throw invalid("pty: is for stdin pty; leave it out otherwise");
  if (request.stdinBytes !== undefined && request.stdin !== undefined && request.stdin !== "pipe")
    throw invalid("stdin_text: goes by a pipe; leave stdin out, or say pipe");
}

export function checkRead({ path, offset, length }: ReadRequest): void {
  checkFrame("read", { path, ...defined({ offset, length }) });
  checkAbsolute("path", path);
  if (length !== undefined && length > NODE_LIMITS.rangeBytes)
    throw invalid(`length: is over ${NODE_LIMITS.rangeBytes} bytes; ask for several ranges`);
}

export function checkWrite(request: WriteRequest): void {
  const { path, mode, offset, mkdirs, fileMode, expectSha256, atomic, content } = request;
  const ours = { mkdirs, file_mode: fileMode, expect_sha256: expectSha256, atomic };
  checkFrame("write", { path, ...defined({ mode, offset, ...ours }) });
  checkAbsolute("path", path);
  if (content.length > NODE_LIMITS.fileBytes)
    throw new AppError(
      "file_too_large",
      `The content for ${path} is larger than ${NODE_LIMITS.fileBytes} bytes; write it in ranges, or use a job`,
    );
}

export function checkSession(session: string): void {
  checkFrame("reset", { session });
}

function checkFrame(type: "exec" | "read" | "write" | "reset", fields: object): void {
  const result = SERVER_FRAMES[type].safeParse({ type, id: "unsent", ...fields });
  const [issue] = result.error?.issues ?? [];
  if (issue !== undefined) throw invalid(`${issue.path.join(".")}: ${issue.message}`);
}

/** On a node with another notion of paths its letter of a drive will do. */
function checkAbsolute(what: string, path: string): void {
  if (!path.startsWith("/") && !/^[A-Za-z]:[\\/]/.test(path))
    throw invalid(`${what}: must be an absolute path, not ${path.slice(0, 100)}`);
}

function invalid(detail: string): AppError {
  return new AppError("invalid_request", detail);
}

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
