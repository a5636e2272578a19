import { isAbsolute } from "node:path";
import { labelFlaw, nearest } from "@yardmaster/protocol/core";
import { NODE_LIMITS } from "@yardmaster/protocol/node";
import { z } from "zod";
import { readServerUrl } from "./server-url.ts";

const absolutePath = z
  .string()
  .min(1)
  .max(NODE_LIMITS.pathChars)
  .refine((path) => isAbsolute(path), "must be an absolute path");

const serverUrl = z.string().superRefine((text, context) => {
  const url = readServerUrl(text);
  if (typeof url === "string") context.addIssue({ code: "custom", message: url });
});

const proxyUrl = z.string().refine((text) => {
  const isHttp = URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
  return text === "direct" || isHttp;
}, 'must be like http://proxy:3128, or "direct" for none');

const nodeToken = z.string().min(1).max(NODE_LIMITS.tokenChars);
/** As the server has it for every node. */
export const nodeName = z
  .string()
  .min(1)
  .max(NODE_LIMITS.nameChars)
  .regex(/^[\x20-\x7e]+$/, "must be printable ASCII");
const pattern = z.string().min(1).max(1_000);

/** How many calls and jobs a node can be told to carry out at once. */
export const SLOTS_MOST = 1_000;

/** `node.json`: everything that a node is told by its owner. Only the server's address, a name and a token must be there. */
export const configSchema = z.strictObject({
  /** `wss://yard.example.org`. */
  server: serverUrl,
  name: nodeName,
  token: nodeToken,
  /** The one before a rotation, until the new one has been used. */
  previous_token: nodeToken.optional(),
  /** What read, write and the folders of commands are held to. Empty: nothing. */
  allowed_paths: z.array(absolutePath).max(1_000).default([]),
  /** What the server may ask for at all. */
  allow: z
    .strictObject({
      exec: z.boolean().default(true),
      read: z.boolean().default(true),
      write: z.boolean().default(true),
      jobs: z.boolean().default(true),
    })
    .prefault({}),
  /** Patterns with `*` over the whole command; `refuse` wins over `allow`, `default` is for the rest. */
  commands: z
    .strictObject({
      default: z.enum(["allow", "refuse"]).default("allow"),
      allow: z.array(pattern).max(1_000).default([]),
      refuse: z.array(pattern).max(1_000).default([]),
    })
    .prefault({}),
  /** What becomes of processes that no server waits for any more. */
  orphans: z.enum(["kill", "keep"]).default("kill"),
  labels: z
    .record(z.string(), z.string())
    .superRefine((labels, context) => {
      for (const [key, value] of Object.entries(labels)) {
        const message = labelFlaw(key, value);
        if (message !== undefined) context.addIssue({ code: "custom", path: [key], message });
      }
    })
    .refine((labels) => Object.keys(labels).length <= NODE_LIMITS.labels, "must be at most 64")
    .default({}),
  /** Calls and jobs at once. */
  slots: z.int().min(1).max(SLOTS_MOST).default(4),
  /** PEM file of the authority that signed the server's certificate, in place of the system's. */
  ca_cert: absolutePath.optional(),
  /** SHA-256 of the server's own certificate, on top of the chain. */
  pin: z
    .string()
    .transform((text) => text.toLowerCase().replaceAll(":", ""))
    .pipe(z.string().regex(/^[0-9a-f]{64}$/, "must be the SHA-256 of a certificate, in hex"))
    .optional(),
  /** Absent: as the environment says (HTTPS_PROXY, NO_PROXY). */
  proxy_url: proxyUrl.optional(),
  /** `preferred` gives way only to a server that has never done it; `required` never. */
  e2e: z.enum(["off", "preferred", "required"]).default("off"),
  /** Allows ws:// beyond this machine: token and output cross the network in clear. */
  insecure: z.boolean().default(false),
});

export type Config = z.output<typeof configSchema>;
/** As it stands in the file. */
export type WrittenConfig = z.input<typeof configSchema>;

/** The configuration that a file's JSON holds, or a line for each thing that is wrong with it. */
export function checkConfig(value: unknown): { config: Config } | { flaws: string[] } {
  const result = configSchema.safeParse(value);
  if (!result.success) return { flaws: result.error.issues.flatMap(describe) };
  const flaw = plainFlaw(result.data);
  return flaw === undefined ? { config: result.data } : { flaws: [flaw] };
}

function describe(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join(".");
  if (issue.code !== "unrecognized_keys")
    return [`${path === "" ? "" : `${path}: `}${issue.message}`];
  return issue.keys.map((key) => {
    const meant = nearest(key, knownAt(issue.path));
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    return `${[...issue.path, key].join(".")}: is not known${hint}`;
  });
}

function knownAt(path: readonly PropertyKey[]): string[] {
  const { allow, commands } = configSchema.shape;
  if (path[0] === "allow") return Object.keys(allow.unwrap().shape);
  if (path[0] === "commands") return Object.keys(commands.unwrap().shape);
  return Object.keys(configSchema.shape);
}

/** Nothing secret goes over a plain socket that leaves the machine, unless the owner says so. */
function plainFlaw({ server, insecure }: Config): string | undefined {
  const url = readServerUrl(server);
  if (typeof url === "string" || url.isSecure || url.isLoopback || insecure) return undefined;
  return 'server: ws:// beyond this machine shows the token to the network; use wss://, or, where the network is itself trusted, "insecure": true (--insecure)';
}
