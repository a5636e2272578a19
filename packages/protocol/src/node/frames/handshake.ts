import { z } from "zod";
import {
  detailField,
  idField,
  keyField,
  namedField,
  nodeNameField,
  reasonField,
  textField,
  tsField,
  versionField,
} from "../fields.ts";
import { NODE_LIMITS } from "../limits.ts";

/** Who is there, in which version, with which rights. */

const capabilities = z.array(textField(NODE_LIMITS.nameChars)).max(NODE_LIMITS.capabilities);

export const hello = z.object({
  type: z.literal("hello"),
  protocol_version: versionField,
  node_name: nodeNameField,
  node_version: versionField.optional(),
  platform: versionField.optional(),
  arch: versionField.optional(),
  /** Absent: exec, read and write. */
  capabilities: capabilities.optional(),
  e2e: z.boolean().optional(),
  ecdh_pub: keyField.optional(),
  ts: tsField,
});

export const helloAck = z.object({
  type: z.literal("hello_ack"),
  protocol_version: versionField,
  session_id: idField,
  server_time: textField(NODE_LIMITS.tsChars).optional(),
  /** Exactly what this session may use. */
  capabilities: capabilities.optional(),
  ecdh_pub: keyField.optional(),
  salt: keyField.optional(),
  ts: tsField,
});

export const helloErr = z.object({
  type: z.literal("hello_err"),
  reason: reasonField,
  code: z.int(),
  server_max_version: versionField.optional(),
  detail: detailField.optional(),
  retry_after_ms: z.int().min(0).optional(),
  ts: tsField,
});

export const auth = z
  .object({
    type: z.literal("auth"),
    node_name: nodeNameField,
    token: namedField(NODE_LIMITS.tokenChars).optional(),
    proof: keyField.optional(),
    ts: tsField,
  })
  .refine((frame) => (frame.token === undefined) !== (frame.proof === undefined), {
    message: "needs one of token and proof",
  });

export const authOk = z.object({
  type: z.literal("auth_ok"),
  session_id: idField.optional(),
  /** The server's proof, under end-to-end encryption. */
  proof: keyField.optional(),
  /** With `resume`. */
  epoch: z.int().min(0).optional(),
  resume_token: namedField(256).optional(),
  grace_ms: z.int().min(0).optional(),
  ts: tsField,
});

export const authErr = z.object({
  type: z.literal("auth_err"),
  reason: reasonField,
  code: z.int(),
  detail: detailField.optional(),
  retry_after_ms: z.int().min(0).optional(),
  ts: tsField,
});
