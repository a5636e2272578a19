import { resolve } from "node:path";
import { AppError, type FieldError } from "@yardmaster/protocol";
import { type Name, type Read, type Role, SETTINGS } from "./declared.ts";
import { flagOf, keyOf, readEnvironment, readFile, readFlags } from "./given.ts";
import { type Limits, limitsFlaw, limitsOf } from "./limits.ts";
import { type NetworkSettings, networkFlaws, networkOf } from "./network.ts";
import { type NodeSettings, nodesOf } from "./nodes.ts";
import { type TraceSettings, tracesOf } from "./traces.ts";

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
  /** Whom programs are run as; undefined: as whoever runs this process. */
  readonly runAs: string | undefined;
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
  readonly nodes: NodeSettings;
  /** Undefined: nothing is traced. */
  readonly traces: TraceSettings | undefined;
  readonly shutdownGraceMs: number;
  /** How long the API is served after the server was told to stop. */
  readonly drainMs: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly databaseUrl: string | undefined;
}

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
  for (const flaw of [...networkFlaws(given), limitsFlaw(values)])
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
    runAs: read.YARD_RUN_AS,
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
    nodes: nodesOf(read),
    traces: tracesOf(read),
    shutdownGraceMs: read.YARD_SHUTDOWN_GRACE,
    drainMs: read.YARD_DRAIN,
    logLevel: read.YARD_LOG_LEVEL,
    databaseUrl: read.DATABASE_URL,
  };
}

function errorText({ path, message, hint, got }: FieldError): string {
  // A message that begins with a quote has said which part it is.
  const value = got === undefined || got === "" || message.startsWith('"') ? "" : `, not ${got}`;
  return `${path}: ${message}${value}${hint === undefined ? "" : `; ${hint}`}`;
}

const HIDDEN = /TOKEN|KEY|URL|HEADERS/;

/** The text that was given, unless it may be a secret. */
function gotOf(name: string, value: unknown): { readonly got?: string } {
  return HIDDEN.test(name)
    ? {}
    : { got: typeof value === "string" ? value : JSON.stringify(value) };
}
