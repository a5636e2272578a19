import { z } from "zod";
import {
  base64Field,
  bytesField,
  countField,
  envField,
  fileModeField,
  idField,
  jsonField,
  labelsField,
  msField,
  namedField,
  pathField,
  sha256Field,
  textField,
} from "../fields.ts";
import { NODE_LIMITS } from "../limits.ts";

/** What a node is asked to carry out under a lease: an attempt of a run. */

/** A path inside the job's folder: relative, and never out of it. */
export const jobPath = pathField.refine(
  (path) => !path.startsWith("/") && !path.split(/[\\/]/).includes(".."),
  "is not a path inside the job's folder",
);

export const jobFile = z.object({
  path: jobPath,
  bytes: bytesField,
  sha256: sha256Field,
  mode: fileModeField.default("0644"),
});
export type JobFile = z.infer<typeof jobFile>;

export const collectLimits = z.object({
  files: countField,
  file_bytes: bytesField,
  bytes: bytesField,
});
export type CollectLimits = z.infer<typeof collectLimits>;

/** What a node's client says in `node_info.features` that lays out `work_files`. */
export const WORK_FILES = "work_files";

/** What a node's client says in `node_info.features` that lays out `input_b64`. */
export const INPUT_FILES = "input_files";

const inputField = base64Field.refine(
  (text) => text.length <= (NODE_LIMITS.rangeBytes / 3 + 1) * 4,
  "is larger than 1 MiB",
);

/** Payload of a job of kind `process`. */
export const processPayload = z.object({
  argv: z
    .array(z.string().refine((text) => !text.includes("\u0000"), "has a NUL"))
    .min(1)
    .max(NODE_LIMITS.argvItems),
  /** The program that runs argv[0], found on the node: `node`, `python`. Absent: argv[0] is run itself. */
  interpreter: textField(64).optional(),
  env: envField.default({}),
  /** Where it starts: in the files that came with the job, or in an empty folder beside them. */
  cwd: z.enum(["pack", "work"]).default("work"),
  stdin_b64: inputField.optional(),
  /**
   * The input where it comes as a file: of this job alone, readable by its user, removed with its end, and never kept in
   * a store. YARD_INPUT_FILE names it, and `{input_file}` in argv. For nodes with the feature `input_files`.
   */
  input_b64: inputField.optional(),
  timeout_ms: msField,
  files: z.array(jobFile).max(NODE_LIMITS.jobFiles).default([]),
  /** Globs of files in the work folder that the step hands back. */
  collect: z.array(jobPath).max(256).default([]),
  /** What they may be at most: beyond it the job fails, `limit_exceeded`, and nothing is read. */
  collect_limits: collectLimits.optional(),
  /** Put into the work folder before it starts, its own to change. For nodes with the feature `work_files`. */
  work_files: z.array(jobFile).max(NODE_LIMITS.jobFiles).default([]),
});
export type ProcessPayload = z.infer<typeof processPayload>;

export const job = z.object({
  id: idField,
  /** `process` today. A node rejects what it does not know. */
  kind: namedField(32),
  /** For `process`: `processPayload`. */
  payload: jsonField,
  requires: labelsField.default({}),
});
