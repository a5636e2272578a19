import {
  type ExecEnded,
  type ExecResult,
  type execOnNodeSchema,
  type NodeFileContent,
  type NodeSession,
  outputFields,
  parseDuration,
  type readFileSchema,
  type WrittenNodeFile,
  type writeFileSchema,
} from "@yardmaster/protocol";
import type { z } from "zod";
import type {
  ExecOutcome,
  ExecRequest,
  ReadOutcome,
  ReadRequest,
  SessionState,
  WriteOutcome,
  WriteRequest,
} from "./hub/hub.types.ts";

export type ExecBody = z.output<typeof execOnNodeSchema>;
export type ReadBody = z.output<typeof readFileSchema>;
export type WriteBody = z.output<typeof writeFileSchema>;

/** Milliseconds of a duration that its schema has checked; undefined where it was left out. */
export function msOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

/** What the hub is asked. */
export function execRequest(body: ExecBody): ExecRequest {
  const { argv, pty } = body;
  const stdinBytes = body.stdin_text === undefined ? undefined : Buffer.from(body.stdin_text);
  const given = stdinBytes === undefined ? "null" : "pipe";
  return {
    command: body.command ?? printable(argv ?? []),
    argv,
    session: body.session,
    shell: body.shell,
    cwd: body.cwd,
    env: body.env,
    stdin: body.stdin ?? (pty === undefined ? given : "pty"),
    stdinBytes,
    ...(pty === undefined ? {} : { pty }),
    timeoutMs: msOf(body.timeout),
    maxOutputBytes: body.max_output_bytes,
    killGraceMs: msOf(body.kill_grace),
  };
}

/** Words as a shell would take them: for people and for audits, never for a shell. */
export function printable(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}

/** An end without the output, as the stream tells it. */
export function execEnded(outcome: ExecOutcome): ExecEnded {
  const { error } = outcome;
  return {
    type: "ended",
    request_id: outcome.callId,
    node: outcome.node,
    status: outcome.status,
    exit_code: outcome.exitCode < 0 ? null : outcome.exitCode,
    signal: outcome.signal,
    stdout_truncated: outcome.stdoutTruncated,
    stderr_truncated: outcome.stderrTruncated,
    duration_ms: Math.round(outcome.durationMs),
    cwd: outcome.cwd,
    error: error === null ? null : { code: error.code, message: error.message },
    flags: [...outcome.flags],
  };
}

/** An end with all of its output: as text, and as bytes where it is none. */
export function execResult(outcome: ExecOutcome): ExecResult {
  const { type: _, ...ended } = execEnded(outcome);
  return { ...ended, ...outputFields(outcome.stdout, outcome.stderr) };
}

export function readRequest({ path, offset, length }: ReadBody): ReadRequest {
  return { path, offset, length };
}

export function fileContent(node: string, path: string, outcome: ReadOutcome): NodeFileContent {
  return {
    request_id: outcome.callId,
    node,
    path,
    content_b64: outcome.content.toString("base64"),
    size_bytes: outcome.sizeBytes,
    eof: outcome.eof,
    sha256: outcome.sha256,
    mode: outcome.mode,
    mtime: outcome.mtime,
  };
}

export function writeRequest(body: WriteBody): WriteRequest {
  return {
    path: body.path,
    content: Buffer.from(body.content_b64 ?? "", "base64"),
    mode: body.mode,
    offset: body.offset,
    mkdirs: body.mkdirs,
    fileMode: body.file_mode,
    expectSha256: body.expect_sha256,
    atomic: body.atomic,
    folder: body.folder,
  };
}

export function writtenFile(node: string, path: string, outcome: WriteOutcome): WrittenNodeFile {
  const { callId, bytesWritten, sha256 } = outcome;
  return { request_id: callId, node, path, bytes_written: bytesWritten, sha256 };
}

export function sessionView(state: SessionState): NodeSession {
  return {
    session: state.session,
    shell_id: state.shellId,
    cwd: state.cwd,
    running: state.running,
    queued: state.queued,
    since: state.since?.toISOString() ?? null,
    last_call_at: state.lastCallAt?.toISOString() ?? null,
  };
}
