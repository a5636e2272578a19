import { z } from "zod";
import { countField, idField, namedField, reasonField, tsField } from "../fields.ts";
import { NODE_LIMITS } from "../limits.ts";

/** Calls and leases that outlive a dropped link. */

export const CALL_STATES = ["queued", "running", "finished"] as const;
export type CallState = (typeof CALL_STATES)[number];

export const resumedCall = z.object({
  id: idField,
  state: z.enum(CALL_STATES),
  /** The highest that the node has made; 0 where none. */
  last_seq: countField.default(0),
});
export type ResumedCall = z.infer<typeof resumedCall>;

export const resumedLease = z.object({
  lease_id: idField,
  fence: countField,
  /** The highest log sequence that the node has made. */
  last_seq: countField.default(0),
});
export type ResumedLease = z.infer<typeof resumedLease>;

export const resume = z.object({
  type: z.literal("resume"),
  resume_token: namedField(256),
  calls: z.array(resumedCall).max(NODE_LIMITS.resumedCalls).default([]),
  leases: z.array(resumedLease).max(NODE_LIMITS.resumedCalls).default([]),
  ts: tsField,
});

export const callDecision = z.object({
  id: idField,
  /** `continue`: say everything after `from_seq` again, or the outcome. `discard`: kill it. */
  action: z.enum(["continue", "discard"]),
  from_seq: countField.default(0),
});
export type CallDecision = z.infer<typeof callDecision>;

export const leaseDecision = z.object({
  lease_id: idField,
  keep: z.boolean(),
  /** The highest log sequence that the server has stored: the node says what follows again. */
  from_seq: countField.optional(),
});
export type LeaseDecision = z.infer<typeof leaseDecision>;

export const resumeOk = z.object({
  type: z.literal("resume_ok"),
  calls: z.array(callDecision).max(NODE_LIMITS.resumedCalls).default([]),
  leases: z.array(leaseDecision).max(NODE_LIMITS.resumedCalls).default([]),
  ts: tsField,
});

export const resumeErr = z.object({
  type: z.literal("resume_err"),
  reason: reasonField,
  ts: tsField,
});
