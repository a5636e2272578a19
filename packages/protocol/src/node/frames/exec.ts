import { z } from "zod";
import {
  actorField,
  bytesField,
  commandField,
  countField,
  dataField,
  detailField,
  envField,
  idField,
  msField,
  outputField,
  pathField,
  reasonField,
  seqField,
  textField,
  tsField,
} from "../fields.ts";
import { NODE_LIMITS, NODE_TIMES } from "../limits.ts";

/** Commands, their output and input, stopping them. */

/** The standard streams of a process, or the one of its terminal. */
export const STREAMS = ["stdout", "stderr", "pty"] as const;
export type StreamName = (typeof STREAMS)[number];
export const streamField = z.enum(STREAMS);

export const EXEC_STATUSES = ["ok", "error", "timeout", "canceled"] as const;
export type ExecStatus = (typeof EXEC_STATUSES)[number];
const execStatus = z.enum(EXEC_STATUSES);

export const sessionField = textField(NODE_LIMITS.nameChars).min(1);

export const ptySchema = z.object({
  cols: z.int().min(1).max(10_000),
  rows: z.int().min(1).max(10_000),
  term: textField(64).optional(),
});

const argument = z.string().refine((text) => !text.includes("\u0000"), "has a NUL");
const argvField = z
  .array(argument)
  .min(1)
  .max(NODE_LIMITS.argvItems)
  .refine(
    (argv) =>
      argv.reduce((sum, item) => sum + Buffer.byteLength(item), 0) <= NODE_LIMITS.commandBytes,
    "is longer than 256 KiB",
  );

/** From `session` on: only with the capability that brings it. `argv` is ours: no shell, `command` is how to print it. */
export const exec = z.object({
  type: z.literal("exec"),
  id: idField,
  command: commandField,
  cwd: pathField.optional(),
  env: envField.optional(),
  timeout_ms: z.int().optional(),
  session: sessionField.optional(),
  shell: z.enum(["session", "fresh"]).optional(),
  argv: argvField.optional(),
  stdin: z.enum(["null", "pipe", "pty"]).optional(),
  pty: ptySchema.optional(),
  /** Its input is to be acknowledged: only for a node with the feature `input_acks`. */
  input_acks: z.boolean().optional(),
  kill_grace_ms: msField.optional(),
  /** Per stream. */
  max_output_bytes: bytesField.optional(),
  actor: actorField,
  ts: tsField,
});

/** What the end of an exec says. Absent numbers are 0 and absent flags false: base clients leave them out. */
const outcome = {
  exit_code: z.int().default(0),
  duration_ms: z.number().min(0).overwrite(Math.round).default(0),
  truncated: z.boolean().default(false),
  /** The signal that ended the process, as `SIGTERM`. */
  signal: textField(32).optional(),
  cwd: textField(NODE_LIMITS.pathChars).optional(),
  stdout_truncated: z.boolean().optional(),
  stderr_truncated: z.boolean().optional(),
  shell_restarted: z.boolean().optional(),
  error: reasonField.optional(),
  error_detail: detailField.optional(),
};

export const execResult = z.object({
  type: z.literal("exec_result"),
  id: idField,
  status: execStatus,
  stdout: outputField.default(""),
  stderr: outputField.default(""),
  ...outcome,
  ts: tsField,
});

const chunk = {
  type: z.literal("exec_chunk"),
  id: idField,
  /** From 1, one sequence over all streams of the call. */
  seq: seqField,
  /** Absent from base clients, which send stdout alone. */
  stream: streamField.default("stdout"),
  data: dataField,
  ts: tsField,
};

export const execChunkMore = z.object({ ...chunk, more: z.literal(true) });
export const execChunkLast = z.object({
  ...chunk,
  more: z.literal(false).default(false),
  status: execStatus,
  ...outcome,
});
export const execChunk = z.union([execChunkMore, execChunkLast]);

export const execAck = z.object({
  type: z.literal("exec_ack"),
  id: idField,
  /** The highest stored; 0 where none is. */
  seq: countField,
  /** What the node may send beyond `seq` before it must wait. */
  credit_bytes: bytesField,
  ts: tsField,
});

export const execInput = z.object({
  type: z.literal("exec_input"),
  id: idField,
  seq: seqField,
  data: dataField.refine((data) => data.length <= NODE_LIMITS.inputBytes, "is larger than 64 KiB"),
  eof: z.boolean().default(false),
  ts: tsField,
});

/**
 * What a node says in `node_info` that acknowledges input. No capability, as it needs none: a hello is full with those
 * that there are, and the frame comes only for an exec that asked for it.
 */
export const INPUT_ACKS = "input_acks";

export const execInputAck = z.object({
  type: z.literal("exec_input_ack"),
  id: idField,
  /** The highest that the command's pipe or terminal has taken: what goes before it has gone into it as well. */
  seq: seqField,
  ts: tsField,
});

export const execResize = z.object({
  type: z.literal("exec_resize"),
  id: idField,
  cols: ptySchema.shape.cols,
  rows: ptySchema.shape.rows,
  ts: tsField,
});

export const cancel = z.object({
  type: z.literal("cancel"),
  /** Of the exec to stop. */
  id: idField,
  reason: reasonField.optional(),
  grace_ms: msField.default(NODE_TIMES.killGraceMs),
  actor: actorField,
  ts: tsField,
});

export const CANCEL_STATES = ["signaled", "dequeued", "finished", "unknown"] as const;
export const cancelAck = z.object({
  type: z.literal("cancel_ack"),
  id: idField,
  state: z.enum(CANCEL_STATES),
  ts: tsField,
});

export const reset = z.object({
  type: z.literal("reset"),
  id: idField,
  session: sessionField.default("main"),
  reason: detailField.optional(),
  actor: actorField,
  ts: tsField,
});

export const resetResult = z.object({
  type: z.literal("reset_result"),
  id: idField,
  status: z.enum(["ok", "error"]),
  session: sessionField.optional(),
  shell_id: idField.optional(),
  cwd: textField(NODE_LIMITS.pathChars).optional(),
  killed: countField.default(0),
  error: reasonField.optional(),
  error_detail: detailField.optional(),
  ts: tsField,
});
