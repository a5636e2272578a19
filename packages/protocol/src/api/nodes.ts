import { z } from "zod";
import { LABEL_KEY, LABEL_VALUE } from "../node-labels.ts";
import { absolutePath } from "./node-call-values.ts";
import { idSchema, pageFields, timeSchema } from "./values.ts";

export const MAX_NODE_NAME = 64;
export const MAX_NODE_LABELS = 64;
const NODE_NAME = /^[\x20-\x7e]+$/;

/** Why a text cannot name a node, or undefined where it can. It stands in paths, logs and config files. */
export function nodeNameFlaw(name: string): string | undefined {
  if (name.length === 0) return "must not be blank";
  if (name.length > MAX_NODE_NAME) return `must have at most ${MAX_NODE_NAME} characters`;
  if (!NODE_NAME.test(name)) return "must be printable ASCII";
  if (name.includes("/") || name.includes("\\") || name.includes(".."))
    return 'must not contain "/", "\\" or ".."';
  // A dot alone is no segment of a path, however it is escaped: such a node could never be asked for.
  if (name.trim() === ".") return 'must not be "."';
  return undefined;
}

/** Name of a node: trimmed, 1 to 64 of printable ASCII without `/`, `\` and `..`, and not `.` alone. */
export const nodeNameSchema = z
  .string()
  .max(500)
  .transform((text) => text.trim())
  .superRefine((name, context) => {
    const message = nodeNameFlaw(name);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

export const labelKeySchema = z.string().regex(LABEL_KEY.pattern, LABEL_KEY.rule);
export const labelValueSchema = z.string().regex(LABEL_VALUE.pattern, LABEL_VALUE.rule);

/** Labels by key. */
export const nodeLabelsSchema = z
  .record(labelKeySchema, labelValueSchema)
  .refine(
    (labels) => Object.keys(labels).length <= MAX_NODE_LABELS,
    `must be at most ${MAX_NODE_LABELS} labels`,
  );
export type NodeLabels = z.infer<typeof nodeLabelsSchema>;

/**
 * connected: its link is up. reconnecting: its link was lost and may come back within its grace; calls wait. draining:
 * it said goodbye and takes no new work. disconnected: it was there before. never_seen: it was paired and has not
 * logged in. revoked: its token is not valid any more.
 */
export const NODE_STATUSES = [
  "connected",
  "reconnecting",
  "draining",
  "disconnected",
  "never_seen",
  "revoked",
] as const;
export type NodeStatus = (typeof NODE_STATUSES)[number];

export const NODE_E2E_POLICIES = ["off", "preferred", "required"] as const;
export type NodeE2e = (typeof NODE_E2E_POLICIES)[number];

/** `yard`: our own client, which swaps a pairing token. `base`: one that is given a lasting token. */
export const NODE_CLIENTS = ["yard", "base"] as const;
export type NodeClient = (typeof NODE_CLIENTS)[number];

export const MAX_GRANTED_PATHS = 100;

const grantedPath = absolutePath.refine(
  (path) => !path.split(/[\\/]/).includes(".."),
  'must not contain ".."',
);

/** What the server may ask of a node, whatever the node itself would allow. */
export const nodeGrantsSchema = z
  .object({
    exec: z.boolean(),
    read: z.boolean(),
    write: z.boolean(),
    jobs: z.boolean(),
    paths: z
      .array(grantedPath)
      .max(MAX_GRANTED_PATHS)
      .nullable()
      .describe(
        "Where files may be read and written, and the `cwd` that commands may be given: in these folders alone. Null: wherever the node's owner allows.",
      ),
  })
  .meta({ id: "NodeGrants" });
export type NodeGrants = z.infer<typeof nodeGrantsSchema>;

/** How the server treats clients of the base protocol alone, node by node. */
export const nodeBaseSchema = z
  .object({
    chunks: z
      .enum(["on", "merge", "off"])
      .describe(
        "on: live output without stderr. merge: live, with stderr within stdout. off: both streams at the end.",
      ),
    env: z.enum(["forward", "refuse"]).describe("A base client takes `env` and ignores it."),
    stdin_guard: z.boolean().describe("Give commands an empty stdin."),
  })
  .meta({ id: "NodeBase" });
export type NodeBase = z.infer<typeof nodeBaseSchema>;

export const partialGrants = z.strictObject(nodeGrantsSchema.partial().shape);
export const partialBase = z.strictObject(nodeBaseSchema.partial().shape);

/** What a node does now; `slots` are jobs that it takes at once. */
export const nodeLoadSchema = z
  .object({ calls: z.number().int(), jobs: z.number().int(), slots: z.number().int() })
  .meta({ id: "NodeLoad" });
export type NodeLoad = z.infer<typeof nodeLoadSchema>;

/**
 * Why a login was refused whose token is, or was, the node's. node_revoked, token_replaced: the token is not valid any
 * more, with its node or without. other_name: it is, of a node that is not called so. not_swapped: it only pairs.
 * e2e_required: it came in clear. name_conflict: another machine that has it is connected.
 */
export const NODE_REFUSAL_REASONS = [
  "node_revoked",
  "token_replaced",
  "other_name",
  "not_swapped",
  "e2e_required",
  "name_conflict",
] as const;
export type NodeRefusalReason = (typeof NODE_REFUSAL_REASONS)[number];

export const nodeRefusalSchema = z
  .object({
    at: timeSchema.describe("Written at most once a minute: the first of those that follow."),
    address: z.string().describe("Where it came from."),
    reason: z.enum(NODE_REFUSAL_REASONS),
    detail: z.string().describe("What that means, and what to do."),
  })
  .meta({ id: "NodeRefusal" });
export type NodeRefusal = z.infer<typeof nodeRefusalSchema>;

/** A paired machine. What the node said of itself is as of its last login. */
export const nodeSchema = z
  .object({
    id: idSchema,
    name: z.string(),
    status: z.enum(NODE_STATUSES),
    reason: z
      .string()
      .nullable()
      .describe("One sentence: why it is not connected, and what to do."),
    labels: z.record(z.string(), z.string()).describe("Its own and the operator's, which win."),
    operator_labels: z.record(z.string(), z.string()),
    since: timeSchema.describe("Since when it has its status."),
    address: z.string().nullable().describe("Where its last login came from."),
    node_version: z.string().nullable(),
    protocol_version: z.string().nullable().describe("As agreed at its last login."),
    platform: z.string().nullable(),
    arch: z.string().nullable(),
    os_version: z.string().nullable(),
    capabilities: z.array(z.string()).describe("As agreed at its last login."),
    client: z.enum(NODE_CLIENTS).nullable().describe("As seen; null before its first login."),
    load: nodeLoadSchema,
    cpu_count: z.number().int().nullable(),
    mem_bytes: z.number().int().nullable(),
    e2e: z.enum(NODE_E2E_POLICIES),
    grants: nodeGrantsSchema,
    base: nodeBaseSchema,
    created_at: timeSchema,
    created_by: z.string(),
    last_seen_at: timeSchema.nullable().describe("To half a minute while it is connected."),
    revoked_at: timeSchema.nullable(),
    revoked_by: z.string().nullable(),
    revoked_reason: z.string().nullable().describe("As whoever revoked it said."),
    refused: nodeRefusalSchema
      .nullable()
      .describe("The last login that was refused though its token is, or was, the node's."),
  })
  .meta({ id: "Node" });
export type YardNode = z.infer<typeof nodeSchema>;

export const nodeWarningsSchema = z
  .array(z.string())
  .describe("What else there is to see to: a node that had this name before.");

/** Answer of `PATCH /v1/nodes/{name}`. */
export const changedNodeSchema = nodeSchema
  .extend({ warnings: nodeWarningsSchema })
  .meta({ id: "ChangedNode" });
export type ChangedNode = z.infer<typeof changedNodeSchema>;

const STATUS_LIST = z
  .string()
  .min(1)
  .max(200)
  .transform((text, context) => {
    const words = text.split(",").map((word) => word.trim());
    const wrong = words.find((word) => !NODE_STATUSES.some((status) => status === word));
    if (wrong === undefined) return words as NodeStatus[];
    context.addIssue({
      code: "custom",
      message: `"${wrong}" is no status; they are ${NODE_STATUSES.join(", ")}`,
    });
    return z.NEVER;
  });

const LABEL_LIST = z
  .string()
  .min(1)
  .max(2_000)
  .transform((text, context) => {
    const wanted = text.split(",").map((pair) => {
      const [key = "", ...rest] = pair.split("=");
      return { key: key.trim(), value: rest.length === 0 ? null : rest.join("=").trim() };
    });
    if (wanted.every(({ key }) => LABEL_KEY.pattern.test(key))) return wanted;
    context.addIssue({ code: "custom", message: "must be labels like os=linux,gpu" });
    return z.NEVER;
  });

/** Query of `GET /v1/nodes`, by name. All that are given must hold. */
export const listNodesSchema = z.strictObject({
  ...pageFields,
  status: STATUS_LIST.optional().describe(
    "One or more, separated by commas: `connected,draining`.",
  ),
  label: LABEL_LIST.optional().describe("`os=linux`, or `gpu` for any value; several by commas."),
});
export type ListNodes = z.input<typeof listNodesSchema>;

/** Body of `PATCH /v1/nodes/{name}`; what is left out stays. */
export const changeNodeSchema = z
  .strictObject({
    name: nodeNameSchema
      .optional()
      .describe(
        "Its machine may go on giving a name that it had before, until another node has that.",
      ),
    labels: nodeLabelsSchema
      .optional()
      .describe("All of the operator's labels, in place of before."),
    grants: partialGrants.optional(),
    e2e: z
      .enum(NODE_E2E_POLICIES)
      .optional()
      .describe("Other than off only where the token is kept sealed: paired or rotated with e2e."),
    base: partialBase.optional(),
  })
  .meta({ id: "ChangeNode" });
export type ChangeNode = z.input<typeof changeNodeSchema>;
