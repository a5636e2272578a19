import { z } from "zod";
import { parseDuration } from "../text/duration.ts";
import {
  NODE_CLIENTS,
  NODE_E2E_POLICIES,
  nodeLabelsSchema,
  nodeNameSchema,
  nodeSchema,
  nodeWarningsSchema,
  partialBase,
  partialGrants,
} from "./nodes.ts";
import { timeSchema } from "./values.ts";

/* How a node comes by its tokens, and loses them: it is paired, swaps, is given others, is revoked. */

export const DEFAULT_PAIRING_LIFE = "15m";
/** A pairing token is for now: a longer life would make it a password in somebody's scrollback. */
export const MAX_PAIRING_LIFE_MS = 7 * 86_400_000;

const pairingLifeSchema = z
  .string()
  .max(50)
  .refine((text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= 1_000 && ms <= MAX_PAIRING_LIFE_MS;
  }, "must be a duration from 1s to 7d, such as 15m");

/** Body of `POST /v1/nodes`. What is not granted is refused by the server, whatever the node would do. */
export const pairNodeSchema = z
  .strictObject({
    name: nodeNameSchema,
    labels: nodeLabelsSchema.default({}),
    e2e: z.enum(NODE_E2E_POLICIES).default("off"),
    client: z.enum(NODE_CLIENTS).default("yard"),
    grants: partialGrants.optional().describe("All that is left out is granted."),
    base: partialBase.optional(),
    force: z
      .boolean()
      .default(false)
      .describe("Revoke the live node of that name first, at once and for good."),
    expires_in: pairingLifeSchema
      .default(DEFAULT_PAIRING_LIFE)
      .describe("Life of a pairing token: `15m`. A lasting token lives until it is revoked."),
  })
  .meta({ id: "PairNode" });
export type PairNode = z.input<typeof pairNodeSchema>;

export const NODE_TOKEN_KINDS = ["pairing", "lasting"] as const;

/** Answer of `POST /v1/nodes`: the only time that `token` is shown. */
export const pairedNodeSchema = z
  .object({
    node: nodeSchema,
    token: z.string(),
    token_kind: z
      .enum(NODE_TOKEN_KINDS)
      .describe("pairing: used once, at POST /v1/nodes/pair. lasting: for the node's config."),
    expires_at: timeSchema.nullable().describe("Null: valid until it is revoked."),
    warnings: nodeWarningsSchema,
  })
  .meta({ id: "PairedNode" });
export type PairedNode = z.infer<typeof pairedNodeSchema>;

/** A token of a node: 256 bits in base64url without padding. */
export const nodeTokenSchema = z.string().min(1).max(128);

/** Body of `POST /v1/nodes/pair`, sent by the machine itself: the token is the credential. */
export const swapPairingTokenSchema = z
  .strictObject({
    token: nodeTokenSchema,
    name: nodeNameSchema
      .optional()
      .describe("Refused unless it is the name that was paired, or another that the node has had."),
    node_version: z.string().max(32).optional(),
    platform: z.string().max(32).optional(),
    arch: z.string().max(32).optional(),
  })
  .meta({ id: "SwapPairingToken" });
export type SwapPairingToken = z.input<typeof swapPairingTokenSchema>;

export const NODES_URL_PATH = "/ws/nodes";

/** Answer of `POST /v1/nodes/pair`. */
export const swappedTokenSchema = z
  .object({
    name: z.string(),
    token: z.string().describe("The lasting token; shown once."),
    url_path: z.literal(NODES_URL_PATH),
    e2e: z.enum(NODE_E2E_POLICIES),
  })
  .meta({ id: "SwappedToken" });
export type SwappedToken = z.infer<typeof swappedTokenSchema>;

/** Body of `POST /v1/nodes/{name}/rotate`. */
export const rotateNodeSchema = z
  .strictObject({
    push: z
      .boolean()
      .default(true)
      .describe("Send it over the link where the node can take it; else a token is shown once."),
    e2e: z.enum(NODE_E2E_POLICIES).optional().describe("Of the new token; left out: as it is."),
    expires_in: pairingLifeSchema.default(DEFAULT_PAIRING_LIFE),
  })
  .meta({ id: "RotateNode" });
export type RotateNode = z.input<typeof rotateNodeSchema>;

/**
 * Answer of `POST /v1/nodes/{name}/rotate`. Delivered over the link, nothing is shown; else `token` is, once. The token
 * before is valid until the first login with the new one.
 */
export const rotatedNodeSchema = z
  .object({
    node: nodeSchema,
    delivered: z.boolean(),
    token: z.string().nullable(),
    token_kind: z.enum(NODE_TOKEN_KINDS).nullable(),
    expires_at: timeSchema.nullable(),
  })
  .meta({ id: "RotatedNode" });
export type RotatedNode = z.infer<typeof rotatedNodeSchema>;

/** Body of `POST /v1/nodes/{name}/revoke`. */
export const revokeNodeSchema = z
  .strictObject({
    reason: z
      .string()
      .max(500)
      .optional()
      .describe("For the audit, and for whoever looks at the node."),
  })
  .meta({ id: "RevokeNode" });
export type RevokeNode = z.input<typeof revokeNodeSchema>;
