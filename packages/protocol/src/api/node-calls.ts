import { z } from "zod";
import { absolutePath, base64, durationIn, plainText, waitSchema } from "./node-call-values.ts";
import { workErrorSchema } from "./problem.ts";
import { idSchema, timeSchema } from "./values.ts";

export const MAX_COMMAND_BYTES = 256 * 1024;
export const MAX_ENV_BYTES = 64 * 1024;
export const MAX_CALL_MS = 86_400_000;
export const DEFAULT_CALL_TIMEOUT = "60s";
export const MAX_CALL_OUTPUT_BYTES = 10 * 1024 * 1024;
export const MAX_INPUT_BYTES = 64 * 1024;

const timeoutSchema = durationIn(
  1_000,
  MAX_CALL_MS,
  "must be a duration from 1s to 24h, such as 60s",
);
const graceSchema = durationIn(0, 300_000, "must be a duration up to 5m, such as 5s");

/** Name of a shell session on a node. */
export const shellSessionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'");
export const DEFAULT_SHELL_SESSION = "main";

export const ptySchema = z.strictObject({
  cols: z.int().min(1).max(1_000),
  rows: z.int().min(1).max(1_000),
  term: z.string().min(1).max(64).default("xterm-256color"),
});

const envSchema = z
  .record(
    z.string().regex(/^[^=\0]{1,256}$/, "must be a name without '='"),
    plainText(MAX_ENV_BYTES),
  )
  .refine((env) => Object.keys(env).length <= 256, "must be at most 256 variables")
  .refine(
    (env) =>
      Object.entries(env).reduce((sum, [name, value]) => sum + name.length + value.length, 0) <=
      MAX_ENV_BYTES,
    "must be at most 64 KiB in all",
  );

/** Body of `POST /v1/nodes/{name}/exec`: `command` for a shell, or `argv` without one. */
export const execOnNodeSchema = z
  .strictObject({
    command: plainText(MAX_COMMAND_BYTES).min(1).optional(),
    argv: z.array(plainText(MAX_COMMAND_BYTES)).min(1).max(1_000).optional(),
    session: shellSessionSchema
      .default(DEFAULT_SHELL_SESSION)
      .describe("Calls of one session follow one another and share directory and environment."),
    shell: z.enum(["session", "fresh"]).default("session"),
    cwd: absolutePath.optional(),
    env: envSchema.optional().describe("For this call alone."),
    stdin: z
      .enum(["null", "pipe", "pty"])
      .optional()
      .describe("Left out: `pipe` with `stdin_text`, `pty` with `pty`, else `null`."),
    stdin_text: plainText(1024 * 1024)
      .optional()
      .describe("All of stdin, which then ends."),
    pty: ptySchema.optional(),
    timeout: timeoutSchema.default(DEFAULT_CALL_TIMEOUT),
    max_output_bytes: z.int().min(0).max(MAX_CALL_OUTPUT_BYTES).optional(),
    wait: waitSchema.optional().describe("How long to wait for a node that is offline."),
    kill_grace: graceSchema.optional().describe("From TERM to KILL after a timeout or cancel."),
  })
  .refine(({ command, argv }) => (command === undefined) !== (argv === undefined), {
    path: ["command"],
    message: "give either `command` or `argv`",
  })
  .refine(({ argv }) => argv === undefined || argv[0] !== "", {
    path: ["argv"],
    message: "must begin with a program",
  })
  .refine(({ stdin_text, stdin }) => stdin_text === undefined || stdin !== "null", {
    path: ["stdin_text"],
    message: "is for a stdin that is not `null`",
  })
  .refine(({ pty, stdin }) => pty === undefined || stdin === undefined || stdin === "pty", {
    path: ["pty"],
    message: "is for stdin `pty`",
  })
  .meta({ id: "ExecOnNode" });
export type ExecOnNode = z.input<typeof execOnNodeSchema>;

export const CALL_STATUSES = ["ok", "error", "timeout", "canceled"] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

/**
 * What is to be known of a result: stderr_missing, stderr_merged, env_unverified, cwd_relocated, shell_restarted,
 * timeout_clamped, not_cancelable. More may come.
 */
const flagsSchema = z.array(z.string());

const execEndFields = {
  request_id: idSchema.describe("Of the call: the same in the audit and on the node."),
  node: z.string(),
  status: z
    .enum(CALL_STATUSES)
    .describe("ok: exit code 0. error: another one, or it did not run (`error` then says why)."),
  exit_code: z.number().int().nullable().describe("Null: it has none."),
  signal: z.string().nullable(),
  stdout_truncated: z.boolean(),
  stderr_truncated: z.boolean(),
  duration_ms: z.number().int(),
  cwd: z.string().nullable(),
  error: workErrorSchema.nullable(),
  flags: flagsSchema,
} as const;

/** Answer of `POST /v1/nodes/{name}/exec`. A command that fails is an answer, not an error of the request. */
export const execResultSchema = z
  .object({
    ...execEndFields,
    stdout: z.string().describe("As text, with U+FFFD for what is no UTF-8."),
    stderr: z.string().describe("The same."),
    stdout_b64: z.string().optional().describe("Its bytes, only where stdout is no UTF-8."),
    stderr_b64: z.string().optional().describe("Its bytes, only where stderr is no UTF-8."),
  })
  .meta({ id: "ExecResult" });
export type ExecResult = z.infer<typeof execResultSchema>;

export const NODE_STREAMS = ["stdout", "stderr", "pty"] as const;
export type NodeStream = (typeof NODE_STREAMS)[number];

export const EXEC_STREAM_TYPE = "application/x-ndjson";

/** Lines of the answer with `Accept: application/x-ndjson`; `ended` is the last. */
export const execEventSchema = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("started"), call: idSchema, node: z.string() }),
    z.object({
      type: z.literal("output"),
      stream: z.enum(NODE_STREAMS),
      data_b64: z.string(),
    }),
    z.object({ type: z.literal("state"), state: z.enum(["reconnecting", "connected"]) }),
    z.object({ type: z.literal("ended"), ...execEndFields }),
  ])
  .meta({ id: "ExecEvent" });
export type ExecEvent = z.infer<typeof execEventSchema>;
export type ExecEnded = Extract<ExecEvent, { type: "ended" }>;

/** Body of `POST /v1/nodes/{name}/calls/{call}/input`. */
export const callInputSchema = z
  .strictObject({
    data_b64: base64(MAX_INPUT_BYTES).optional(),
    eof: z.boolean().optional(),
  })
  .refine(({ data_b64, eof }) => data_b64 !== undefined || eof === true, {
    path: ["data_b64"],
    message: "give `data_b64`, `eof` or both",
  })
  .meta({ id: "CallInput" });
export type CallInput = z.infer<typeof callInputSchema>;

/** Body of `POST /v1/nodes/{name}/calls/{call}/resize`. */
export const callResizeSchema = z
  .strictObject({ cols: ptySchema.shape.cols, rows: ptySchema.shape.rows })
  .meta({ id: "CallResize" });
export type CallResize = z.infer<typeof callResizeSchema>;

/** Body of `POST /v1/nodes/{name}/calls/{call}/cancel`. */
export const cancelCallSchema = z
  .strictObject({ grace: graceSchema.optional(), reason: plainText(500).optional() })
  .meta({ id: "CancelCall" });
export type CancelCall = z.infer<typeof cancelCallSchema>;

/** What became of a cancel; the call's own end tells the rest. `abandoned`: a base node cannot stop it. */
export const canceledCallSchema = z
  .object({
    request_id: idSchema,
    node: z.string(),
    state: z.enum(["signaled", "dequeued", "finished", "unknown", "abandoned"]),
  })
  .meta({ id: "CanceledCall" });
export type CanceledCall = z.infer<typeof canceledCallSchema>;

/** Body of `POST /v1/nodes/{name}/sessions/{session}/reset`. */
export const resetSessionSchema = z
  .strictObject({ reason: plainText(500).optional(), wait: waitSchema.optional() })
  .meta({ id: "ResetSession" });
export type ResetSession = z.infer<typeof resetSessionSchema>;

export const resetResultSchema = z
  .object({
    request_id: idSchema,
    node: z.string(),
    session: z.string(),
    shell_id: z.string().nullable(),
    cwd: z.string().nullable(),
    killed: z.number().int().describe("Process groups that were ended."),
  })
  .meta({ id: "ResetResult" });
export type ResetResult = z.infer<typeof resetResultSchema>;

/** A shell session of a node, as far as the server knows. */
export const nodeSessionSchema = z
  .object({
    session: z.string(),
    shell_id: z.string().nullable(),
    cwd: z.string().nullable(),
    running: z.number().int(),
    queued: z.number().int(),
    since: timeSchema.nullable(),
    last_call_at: timeSchema.nullable(),
  })
  .meta({ id: "NodeSession" });
export type NodeSession = z.infer<typeof nodeSessionSchema>;
