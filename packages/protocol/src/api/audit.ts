import { z } from "zod";
import {
  flagSchema,
  idSchema,
  instantSchema,
  jsonSchema,
  pageFields,
  timeSchema,
  wholeNumberSchema,
} from "./values.ts";

export const AUDIT_PHASES = ["begin", "end", "event"] as const;
export type AuditPhase = (typeof AUDIT_PHASES)[number];

/** One entry of the audit, kept for good in a chain: each entry's hash covers the entry and the hash before it. */
export const auditEntrySchema = z
  .object({
    seq: z.number().int().describe("Its place in the chain, from 1."),
    id: idSchema,
    ts: timeSchema,
    actor: z.string().describe("Who: `token:<name>`, `run:<id>`, `node:<name>`, `system`."),
    action: z.string().describe("What: `node.exec`, `secret.set`, `inquiry.answered`."),
    node: z
      .string()
      .describe(
        "What it was done to: the name of a node or a secret, the name or id of a task; empty where it is about none.",
      ),
    node_id: z.string().nullable(),
    request_id: z.string().nullable().describe("Of the call: the same in the node's own audit."),
    phase: z
      .enum(AUDIT_PHASES)
      .describe("begin: kept before anything was sent. end: its outcome. event: has no halves."),
    status: z.string().nullable().describe("Null of a begin."),
    duration_ms: z.number().int().nullable(),
    exit_code: z.number().int().nullable(),
    session_id: z.string().nullable().describe("Of the node's link."),
    details: z.record(z.string(), jsonSchema).describe("Cut and masked; never contents of files."),
    hash: z.string().describe("SHA-256, hex."),
  })
  .meta({ id: "AuditRecord" });
export type AuditRecord = z.infer<typeof auditEntrySchema>;

const text = z.string().min(1).max(300);

/** Query of `GET /v1/audit`, newest first. All that are given must hold. */
export const listAuditSchema = z.strictObject({
  ...pageFields,
  node: text.optional(),
  actor: text.optional(),
  action: text.optional().describe("`node.exec`, `secret.set`."),
  status: text.optional().describe("Of an end or an event: `ok`, `error`, …"),
  request: z.string().min(1).max(64).optional().describe("Both halves of one call."),
  since: instantSchema.optional().describe("At this time or later, RFC 3339."),
  until: instantSchema.optional().describe("Before this time, RFC 3339."),
  open: flagSchema.describe(
    "Only what was begun and has no end; of the last 7 days unless `since` is given.",
  ),
});
export type ListAudit = z.input<typeof listAuditSchema>;

/**
 * changed: an entry is not what was kept. missing: an entry is gone. inserted: one is there that was not kept.
 * reordered: entries have changed places. truncated: the newest are gone.
 */
export const AUDIT_BREAKS = ["changed", "missing", "inserted", "reordered", "truncated"] as const;
export type AuditBreak = (typeof AUDIT_BREAKS)[number];

export const MAX_VERIFY_ENTRIES = 1_000_000;

/** Query of `GET /v1/audit/verify`. A long chain is walked in parts: ask again with `next` as `after`. */
export const verifyAuditSchema = z.strictObject({
  after: wholeNumberSchema(0).optional().describe("Begin behind this entry."),
  limit: wholeNumberSchema(1, MAX_VERIFY_ENTRIES)
    .optional()
    .describe("Entries to walk; left out: all."),
});
export type VerifyAudit = z.input<typeof verifyAuditSchema>;

const markSchema = z.object({ seq: z.number().int(), ts: timeSchema, hash: z.string() });

/** Answer of `GET /v1/audit/verify`. Whoever notes `last` elsewhere can tell later that nothing before it was changed. */
export const auditVerificationSchema = z
  .object({
    ok: z.boolean(),
    entries: z.number().int().describe("Walked and found whole."),
    first: markSchema.nullable(),
    last: markSchema.nullable(),
    broken: z
      .object({
        seq: z.number().int().describe("The first place that is not whole."),
        why: z.enum(AUDIT_BREAKS),
        detail: z.string(),
      })
      .nullable(),
    next: z.number().int().nullable().describe("Where to go on; null: the whole chain was walked."),
  })
  .meta({ id: "AuditVerification" });
export type AuditVerification = z.infer<typeof auditVerificationSchema>;

/** The file beside the chain, as `/v1/status` tells it. */
export const auditFileSchema = z
  .object({
    path: z.string(),
    status: z.enum(["ok", "failing"]),
    since: timeSchema.nullable().describe("Since when it fails."),
    reason: z.string().nullable(),
    missed: z.number().int().describe("Entries that are in the chain alone, since the start."),
  })
  .meta({ id: "AuditFile" });
export type AuditFile = z.infer<typeof auditFileSchema>;
