import { z } from "zod";
import {
  bytesField,
  detailField,
  idField,
  labelsField,
  msField,
  namedField,
  nodeNameField,
  reasonField,
  sha256Field,
  textField,
  tsField,
} from "../fields.ts";
import { NODE_LIMITS, NODE_TIMES } from "../limits.ts";

/** Life of the link, faults, goodbye, a new token. */

export const ping = z.object({ type: z.literal("ping"), ts: tsField });
export const pong = z.object({
  type: z.literal("pong"),
  ts: tsField,
  /** The `ts` of the ping that it answers. */
  echo_ts: tsField,
});

export const error = z.object({
  type: z.literal("error"),
  /** Of the call that failed; without it there is nothing to do but to log. */
  id: idField.optional(),
  code: z.int(),
  reason: reasonField,
  detail: detailField.optional(),
  ts: tsField,
});

export const bye = z.object({
  type: z.literal("bye"),
  reason: reasonField.default(""),
  /** How long the sender waits for what is under way. */
  drain_ms: msField.optional(),
  /** When to come back. */
  retry_after_ms: msField.optional(),
  ts: tsField,
});

export const rateLimit = z.object({
  type: z.literal("rate_limit"),
  reason: reasonField.default("rate_limit_exceeded"),
  code: z.int().default(4004),
  node_name: textField(NODE_LIMITS.nameChars).optional(),
  limit_per_second: z.int().min(0).optional(),
  retry_after_ms: msField.optional(),
  ts: tsField,
});

/** One whole inner message: base64url without padding of nonce, ciphertext and tag. */
export const enc = z.object({ type: z.literal("enc"), data: z.string().min(1), ts: tsField });

export const nodeInfo = z.object({
  type: z.literal("node_info"),
  /** Random per process: tells two machines with one token apart. */
  instance_id: idField,
  labels: labelsField.default({}),
  os_version: textField(256).optional(),
  cpu_count: z.int().min(0).optional(),
  mem_bytes: bytesField.optional(),
  slots: z.int().min(0).max(10_000).default(1),
  agent_version: textField(64).optional(),
  /** Later additions that need no new frame. */
  features: z.array(textField(64)).max(NODE_LIMITS.capabilities).default([]),
  ts: tsField,
});

/**
 * What a node says in `node_info` that writes down what it is called. No capability: a hello is full with those that
 * there are.
 */
export const RENAMES = "renames";

/** What the node is called by now: sent where it gave another name, and when that changes. */
export const renamed = z.object({
  type: z.literal("renamed"),
  node_name: nodeNameField,
  ts: tsField,
});

export const rotateToken = z.object({
  type: z.literal("rotate_token"),
  id: idField,
  new_token: namedField(NODE_LIMITS.tokenChars),
  old_valid_ms: msField.default(NODE_TIMES.oldTokenMs),
  ts: tsField,
});

export const rotateOk = z.object({
  type: z.literal("rotate_ok"),
  id: idField,
  /** Of the new token's text. */
  sha256: sha256Field,
  ts: tsField,
});

export const rotateErr = z.object({
  type: z.literal("rotate_err"),
  id: idField,
  reason: detailField,
  ts: tsField,
});
