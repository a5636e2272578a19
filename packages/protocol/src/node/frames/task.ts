import { z } from "zod";
import {
  actorField,
  bytesField,
  countField,
  dataField,
  detailField,
  fileModeField,
  idField,
  jsonField,
  msField,
  reasonField,
  seqField,
  sha256Field,
  textField,
  tsField,
} from "../fields.ts";
import { NODE_LIMITS, NODE_TIMES } from "../limits.ts";
import { streamField } from "./exec.ts";
import { job, jobPath } from "./job.ts";

/** Jobs under leases. `fence` grows with each lease of a job; a stale one is refused. */

export const taskReady = z.object({
  type: z.literal("task_ready"),
  /** Free ones. */
  slots: countField,
  queues: z.array(textField(NODE_LIMITS.nameChars)).max(64).optional(),
  ts: tsField,
});

export const taskOffer = z.object({
  type: z.literal("task_offer"),
  id: idField,
  lease_id: idField,
  fence: countField,
  attempt: countField.default(1),
  lease_ms: z.int().min(1_000).default(NODE_TIMES.leaseMs),
  /** When the attempt is over at the latest, RFC 3339. */
  deadline: textField(NODE_LIMITS.tsChars).optional(),
  job,
  actor: actorField,
  ts: tsField,
});

export const taskAccept = z.object({ type: z.literal("task_accept"), id: idField, ts: tsField });
export const taskReject = z.object({
  type: z.literal("task_reject"),
  id: idField,
  reason: reasonField.default("busy"),
  detail: detailField.optional(),
  ts: tsField,
});

const lease = { lease_id: idField, fence: countField };

export const taskRenew = z.object({
  type: z.literal("task_renew"),
  ...lease,
  progress: jsonField.optional(),
  ts: tsField,
});
export const taskRenewed = z.object({
  type: z.literal("task_renewed"),
  lease_id: idField,
  fence: countField.optional(),
  ts: tsField,
});
/** The node kills the job. */
export const taskLost = z.object({
  type: z.literal("task_lost"),
  lease_id: idField,
  fence: countField.optional(),
  reason: reasonField.optional(),
  ts: tsField,
});

export const taskLog = z.object({
  type: z.literal("task_log"),
  lease_id: idField,
  seq: seqField,
  stream: streamField.default("stdout"),
  data: dataField,
  ts: tsField,
});
export const taskLogAck = z.object({
  type: z.literal("task_log_ack"),
  lease_id: idField,
  seq: countField,
  credit_bytes: bytesField,
  ts: tsField,
});

export const taskCancel = z.object({
  type: z.literal("task_cancel"),
  lease_id: idField,
  reason: reasonField.default("canceled"),
  grace_ms: msField.default(NODE_TIMES.killGraceMs),
  ts: tsField,
});

export const TASK_STATUSES = ["succeeded", "failed", "canceled"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const collectedFile = z.object({
  path: jobPath,
  bytes: bytesField,
  sha256: sha256Field,
  /** Older clients do not say it. */
  mode: fileModeField.optional(),
});
export type CollectedFile = z.infer<typeof collectedFile>;

/**
 * `error` of a job whose process the machine could not begin, for a reason of its own (a full disk, no descriptor left)
 * that `error_detail` tells: nothing of it ran, and it may be offered again, here later.
 */
export const NOT_BEGUN = "not_begun";

export const taskResult = z.object({
  type: z.literal("task_result"),
  ...lease,
  status: z.enum(TASK_STATUSES),
  /** −1: never started, or ended by a signal. */
  exit_code: z.int().default(0),
  signal: textField(32).optional(),
  duration_ms: z.number().min(0).overwrite(Math.round).default(0),
  /** What the process wrote, in all. */
  stdout_bytes: bytesField.default(0),
  stderr_bytes: bytesField.default(0),
  /** What `collect` matched; `task_fetch` reads it until `task_done`. */
  files: z.array(collectedFile).max(NODE_LIMITS.jobFiles).default([]),
  outputs: z.record(z.string(), jsonField).optional(),
  error: reasonField.optional(),
  error_detail: detailField.optional(),
  ts: tsField,
});

/** Frees the job's folder, unless `keep`. Not accepted: the fence was stale. */
export const taskDone = z.object({
  type: z.literal("task_done"),
  lease_id: idField,
  accepted: z.boolean(),
  keep: z.boolean().default(false),
  ts: tsField,
});
