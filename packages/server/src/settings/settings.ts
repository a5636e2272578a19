import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import {
  AppError,
  type FieldError,
  nearest,
  parseDuration,
  STEP_VARIABLES,
} from "@yardmaster/protocol";
import { parseDocument } from "yaml";
import { z } from "zod";
import { databaseUrlFlaw } from "../db/index.ts";
import { allowEntryFlaw } from "../runners/index.ts";
import { oneOf, port, whole } from "./choices.ts";
import { LIMIT_SETTINGS, type Limits, limitsFlaw, limitsOf } from "./limits.ts";
import { NETWORK_SETTINGS, type NetworkSettings, tlsFlaw, words } from "./network.ts";
import { TRACE_SETTINGS, type TraceSettings, tracesOf } from "./traces.ts";

const ROLES = ["api", "worker", "scheduler"] as const;
export type Role = (typeof ROLES)[number];

const places = whole(1, 10_000);
const A_DURATION = "must be a duration with its unit, such as 30s, 1m30s or 7d";
const duration = z.string({ error: A_DURATION }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({
    code: "custom",
    message: `"${text}" is no duration; write it like 30s or 1m30s`,
  });
  return z.NEVER;
});
const DAY_MS = 86_400_000;
/** `never` is undefined: it is never deleted. */
const keeping = z.union([z.literal("never").transform(() => undefined), duration], {
  error: `${A_DURATION}, or never`,
});
const allowedHost = z.string().superRefine((text, context) => {
  const message = allowEntryFlaw(text);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/**
 * Every setting: its name in the environment, and (without `YARD_`, in lower case) in `yard.yaml`.
 * The environment wins over the file, a command-line flag over both.
 */
export const SETTINGS = {
  YARD_HOST: z.string().min(1).default("127.0.0.1").describe("Address to listen on."),
  YARD_PORT: port.default(4400).describe("Port to listen on; 0 picks one."),
  YARD_DATA: z.string().min(1).default(".yard").describe("The data folder."),
  YARD_PACKS: z
    .union(
      [
        z.array(z.string()),
        z.string().transform((text) => text.split(delimiter).filter((path) => path !== "")),
      ],
      { error: `must be a list of folders, or a text with "${delimiter}" between them` },
    )
    .default([])
    .describe("Folders of packs, or folders that hold such; several are separated by `:`."),
  YARD_ROLES: words
    .pipe(z.array(oneOf(ROLES)).min(1))
    .default([...ROLES])
    .describe("What this process does."),
  YARD_ADMIN_TOKEN: z.string().optional().describe("Sets the first token, for automation."),
  YARD_MASTER_KEY: z
    .string()
    .optional()
    .describe("Key that seals secrets, where several machines share it."),
  YARD_WORKER_PROCESSES: places
    .optional()
    .describe("Process attempts at once; by default 4 for each core."),
  YARD_WORKER_PORT: port
    .optional()
    .describe(
      "Port on which a process without the role api serves /healthz, /readyz and /metrics; without it, none. 0 picks one.",
    ),
  YARD_HTTP_ALLOW: words
    .pipe(z.array(allowedHost))
    .default([])
    .describe(
      "Hosts, addresses and ranges beyond the public Internet that HTTP actions may reach: gitea.internal, *.corp.test, localhost:3000, 10.0.0.0/8.",
    ),
  YARD_LOOP_DEPTH: whole(1, 1_000)
    .default(8)
    .describe("Runs that may follow from one another through rules on yard.run.finished."),
  YARD_KEEP_LOGS: keeping
    .default(7 * DAY_MS)
    .describe("How long logs are kept, or never: for ever."),
  YARD_KEEP_DELIVERIES: keeping
    .default(7 * DAY_MS)
    .describe("How long deliveries are kept as they arrived."),
  YARD_KEEP_RUNS: keeping.default(30 * DAY_MS).describe("How long ended runs are kept."),
  YARD_KEEP_EVENTS: keeping
    .default(30 * DAY_MS)
    .describe("How long events and decisions are kept."),
  YARD_KEEP_AUDIT: keeping
    .default(365 * DAY_MS)
    .describe("How long the audit of nodes is kept in the database."),
  YARD_KEEP_NODES: keeping
    .default(365 * DAY_MS)
    .describe("How long revoked nodes are kept, so that whoever has their token is told."),
  ...LIMIT_SETTINGS,
  ...NETWORK_SETTINGS,
  ...TRACE_SETTINGS,
  YARD_SHUTDOWN_GRACE: duration
    .default(30_000)
    .describe("How long running attempts, here and on nodes, may go on when the server stops."),
  YARD_LOG_LEVEL: oneOf(["debug", "info", "warn", "error"])
    .default("info")
    .describe("Least level that is logged."),
  DATABASE_URL: z
    .string()
    .superRefine((text, context) => {
      const message = databaseUrlFlaw(text);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .optional()
    .describe("PostgreSQL 14 to 18; without it the one that comes with Yardmaster is run."),
} as const;

type Name = keyof typeof SETTINGS;

export interface Settings extends NetworkSettings {
  readonly host: string;
  readonly port: number;
  /** Absolute. */
  readonly dataFolder: string;
  /** Absolute. */
  readonly packFolders: readonly string[];
  readonly roles: readonly Role[];
  readonly adminToken: string | undefined;
  readonly masterKey: string | undefined;
  readonly workerProcesses: number | undefined;
  readonly workerPort: number | undefined;
  /** What HTTP actions may reach beyond the public Internet. */
  readonly httpAllow: readonly string[];
  /** Runs that may follow from one another, each started by the end of the one before. */
  readonly loopDepth: number;
  /** How long what is finished is kept; undefined: for ever. */
  readonly keep: {
    readonly logsMs: number | undefined;
    readonly deliveriesMs: number | undefined;
    readonly runsMs: number | undefined;
    readonly eventsMs: number | undefined;
    readonly auditMs: number | undefined;
    readonly nodesMs: number | undefined;
  };
  readonly limits: Limits;
  /** Undefined: nothing is traced. */
  readonly traces: TraceSettings | undefined;
  readonly shutdownGraceMs: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly databaseUrl: string | undefined;
}

/** Names that other parts of Yardmaster read from the environment (the command line, the client of a node). */
const ELSEWHERE = new Set(["YARD_URL", "YARD_TOKEN", "YARD_NODE_STATE", "YARD_NODE_TOKEN"]);

/** A server that is started by a step must not stumble over what the step was given. */
const OF_STEPS: ReadonlySet<string> = new Set(STEP_VARIABLES);

/**
 * The settings of a server from flags, environment and `yard.yaml` in the current folder.
 * @throws AppError invalid_setting with every wrong or unknown one
 */
export function readSettings(
  argv: readonly string[],
  env: { readonly [name: string]: string | undefined },
  cwd: string,
): Settings {
  const errors: FieldError[] = [];
  const sources = [
    { values: readFile(cwd, errors), placeOf: (name: string) => `yard.yaml: ${keyOf(name)}` },
    { values: readEnvironment(env, errors), placeOf: (name: string) => name },
    { values: readFlags(argv, errors), placeOf: (name: string) => flagOf(name) ?? name },
  ];
  const given: { readonly [name: string]: unknown } = Object.assign(
    {},
    ...sources.map(({ values: each }) => each),
  );
  const placeOf = (name: string): string =>
    sources.findLast(({ values: each }) => name in each)?.placeOf(name) ?? name;
  const values: { [name: string]: unknown } = {};
  for (const name of Object.keys(SETTINGS) as Name[]) {
    const parsed = SETTINGS[name].safeParse(given[name]);
    if (parsed.success) values[name] = parsed.data;
    else
      for (const issue of parsed.error.issues)
        errors.push({ path: placeOf(name), message: issue.message, ...gotOf(name, given[name]) });
  }
  for (const flaw of [tlsFlaw(given), limitsFlaw(values)])
    if (flaw !== undefined) errors.push(flaw);
  if (errors.length > 0) {
    const list = errors.map(errorText);
    throw new AppError("invalid_setting", `settings are not valid:\n  ${list.join("\n  ")}`, {
      errors,
    });
  }
  const read = values as Read;
  return {
    host: read.YARD_HOST,
    port: read.YARD_PORT,
    dataFolder: resolve(cwd, read.YARD_DATA),
    packFolders: read.YARD_PACKS.map((path) => resolve(cwd, path)),
    roles: read.YARD_ROLES,
    adminToken: read.YARD_ADMIN_TOKEN,
    masterKey: read.YARD_MASTER_KEY,
    workerProcesses: read.YARD_WORKER_PROCESSES,
    workerPort: read.YARD_WORKER_PORT,
    httpAllow: read.YARD_HTTP_ALLOW,
    loopDepth: read.YARD_LOOP_DEPTH,
    keep: {
      logsMs: read.YARD_KEEP_LOGS,
      deliveriesMs: read.YARD_KEEP_DELIVERIES,
      runsMs: read.YARD_KEEP_RUNS,
      eventsMs: read.YARD_KEEP_EVENTS,
      auditMs: read.YARD_KEEP_AUDIT,
      nodesMs: read.YARD_KEEP_NODES,
    },
    limits: limitsOf(read),
    ...networkOf(read, cwd),
    traces: tracesOf(read),
    shutdownGraceMs: read.YARD_SHUTDOWN_GRACE,
    logLevel: read.YARD_LOG_LEVEL,
    databaseUrl: read.DATABASE_URL,
  };
}

function errorText({ path, message, hint, got }: FieldError): string {
  // A message that begins with a quote has said which part it is.
  const value = got === undefined || message.startsWith('"') ? "" : `, not ${got}`;
  return `${path}: ${message}${value}${hint === undefined ? "" : `; ${hint}`}`;
}

const HIDDEN = /TOKEN|KEY|URL|HEADERS/;

/** The text that was given, unless it may be a secret. */
function gotOf(name: string, value: unknown): { readonly got?: string } {
  return HIDDEN.test(name)
    ? {}
    : { got: typeof value === "string" ? value : JSON.stringify(value) };
}

type Read = { readonly [N in Name]: z.output<(typeof SETTINGS)[N]> };

function networkOf(read: Read, cwd: string): NetworkSettings {
  const { YARD_TLS_CERT: cert, YARD_TLS_KEY: key, YARD_NODES_PORT: nodesPort } = read;
  const isTls = cert !== undefined && key !== undefined;
  return {
    tls: isTls ? { certPath: resolve(cwd, cert), keyPath: resolve(cwd, key) } : undefined,
    trustProxy: read.YARD_TRUST_PROXY,
    insecure: read.YARD_INSECURE,
    nodesListener:
      nodesPort === undefined
        ? undefined
        : { host: read.YARD_NODES_HOST ?? read.YARD_HOST, port: nodesPort },
  };
}

function readEnvironment(
  env: { readonly [name: string]: string | undefined },
  errors: FieldError[],
) {
  const given: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === "" || OF_STEPS.has(name) || ELSEWHERE.has(name)) continue;
    if (name in SETTINGS) given[name] = value;
    else if (name.startsWith("YARD_")) errors.push(unknown(name, Object.keys(SETTINGS)));
  }
  return given;
}

function readFile(cwd: string, errors: FieldError[]): { [name: string]: unknown } {
  const path = join(cwd, "yard.yaml");
  if (!existsSync(path)) return {};
  const given: { [name: string]: unknown } = {};
  let content: unknown;
  try {
    const document = parseDocument(readFileSync(path, "utf8"));
    const [wrong] = [...document.errors, ...document.warnings];
    if (wrong !== undefined) throw wrong;
    content = document.toJS();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    errors.push({ path: "yard.yaml", message });
    return {};
  }
  if (!isMap(content ?? {})) {
    const got = Array.isArray(content) ? "a list" : `the ${typeof content} ${String(content)}`;
    const message = `must be a map of settings, such as "port: 4400", not ${got}`;
    errors.push({ path: "yard.yaml", message });
    return {};
  }
  const names = new Map(Object.keys(SETTINGS).map((name) => [keyOf(name), name]));
  for (const [key, value] of Object.entries((content ?? {}) as object)) {
    const name = names.get(key);
    if (name === undefined) errors.push(unknown(key, names.keys(), "yard.yaml: "));
    else given[name] = value;
  }
  return given;
}

/** The name of a setting in `yard.yaml`. */
function keyOf(name: string): string {
  return name.replace(/^YARD_/, "").toLowerCase();
}

function isMap(content: unknown): content is object {
  return typeof content === "object" && content !== null && !Array.isArray(content);
}

export const FLAGS: { readonly [flag: string]: Name } = {
  "--host": "YARD_HOST",
  "--port": "YARD_PORT",
  "--data": "YARD_DATA",
  "--packs": "YARD_PACKS",
  "--roles": "YARD_ROLES",
};

function flagOf(name: string): string | undefined {
  return Object.keys(FLAGS).find((flag) => FLAGS[flag] === name);
}

function readFlags(argv: readonly string[], errors: FieldError[]): { [name: string]: unknown } {
  const given: { [name: string]: unknown } = {};
  for (let i = 0; i < argv.length; i++) {
    const [flag, inline] = splitFlag(argv[i] as string);
    const name = FLAGS[flag];
    if (name === undefined) {
      errors.push(unknown(flag, Object.keys(FLAGS)));
      continue;
    }
    const value = inline ?? argv[++i];
    if (value === undefined) errors.push({ path: flag, message: "needs a value" });
    else given[name] = value;
  }
  return given;
}

function splitFlag(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function unknown(name: string, known: Iterable<string>, prefix = ""): FieldError {
  const near = nearest(name, known);
  const hint = near === undefined ? undefined : `did you mean ${near}?`;
  return {
    path: `${prefix}${name}`,
    message: "there is no such setting",
    ...(hint === undefined ? {} : { hint }),
  };
}
