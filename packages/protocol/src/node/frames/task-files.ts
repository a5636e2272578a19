import { z } from "zod";
import {
  countField,
  dataField,
  detailField,
  idField,
  reasonField,
  sha256Field,
  tsField,
} from "../fields.ts";
import { NODE_LIMITS } from "../limits.ts";
import { jobPath } from "./job.ts";

/** Files to and from a job: by their checksum, in pieces of up to 1 MiB, gone on with after a cut at the offset. */

const piece = dataField.refine(
  (data) => data.length <= NODE_LIMITS.rangeBytes,
  "is larger than 1 MiB",
);

/** After `task_accept`: what the node lacks, and from which byte on. */
export const taskNeed = z.object({
  type: z.literal("task_need"),
  lease_id: idField,
  files: z
    .array(z.object({ sha256: sha256Field, offset: countField.default(0) }))
    .max(NODE_LIMITS.jobFiles),
  ts: tsField,
});

export const taskFile = z.object({
  type: z.literal("task_file"),
  lease_id: idField,
  sha256: sha256Field,
  offset: countField,
  data: piece,
  eof: z.boolean().default(false),
  ts: tsField,
});

export const taskFileAck = z.object({
  type: z.literal("task_file_ack"),
  lease_id: idField,
  sha256: sha256Field,
  /** How much of it the node has, from the beginning. */
  offset: countField,
  ts: tsField,
});

export const taskFetch = z.object({
  type: z.literal("task_fetch"),
  lease_id: idField,
  path: jobPath,
  offset: countField.default(0),
  length: z.int().min(1).max(NODE_LIMITS.rangeBytes),
  ts: tsField,
});

/** With `error`, `data` is empty. */
export const taskFileData = z.object({
  type: z.literal("task_file_data"),
  lease_id: idField,
  path: jobPath,
  offset: countField,
  data: piece,
  eof: z.boolean().default(false),
  error: reasonField.optional(),
  error_detail: detailField.optional(),
  ts: tsField,
});
