import { delimiter } from "node:path";
import { z } from "zod";
import { chosenTokenFlaw } from "../auth/index.ts";
import { databaseUrlFlaw } from "../db/index.ts";
import { allowEntryFlaw, runAsFlaw } from "../runners/index.ts";
import { masterKeyFlaw } from "../sealing/index.ts";
import { A_DURATION, duration, flawless, oneOf, port, text, whole } from "./choices.ts";
import { LIMIT_SETTINGS } from "./limits.ts";
import { NETWORK_SETTINGS, words } from "./network.ts";
import { NODE_SETTINGS } from "./nodes.ts";
import { TRACE_SETTINGS } from "./traces.ts";

const ROLES = ["api", "worker", "scheduler"] as const;
export type Role = (typeof ROLES)[number];

const places = whole(1, 10_000);
const DAY_MS = 86_400_000;
/** A timer for longer (2^31 ms) would fire at once. */
const MOST_GRACE_MS = 24 * DAY_MS;
const grace = duration.refine((ms) => ms <= MOST_GRACE_MS, "must be at most 24d");
/** `never` is undefined: it is never deleted. */
const keeping = z.union([z.literal("never").transform(() => undefined), duration], {
  error: `${A_DURATION}, or never`,
});
const allowedHost = flawless(z.string(), allowEntryFlaw);

/**
 * Every setting: its name in the environment, and (without `YARD_`, in lower case) in `yard.yaml`.
 * The environment wins over the file, a command-line flag over both.
 */
export const SETTINGS = {
  YARD_HOST: text.default("127.0.0.1").describe("Address to listen on."),
  YARD_PORT: port.default(4400).describe("Port to listen on; 0 picks one."),
  YARD_DATA: text.default(".yard").describe("The data folder."),
  YARD_PACKS: z
    .union(
      [
        z.array(z.string()),
        z.string().transform((text) => text.split(delimiter).filter((path) => path !== "")),
      ],
      { error: `must be a list of folders, or a text with "${delimiter}" between them` },
    )
    .default([])
    .describe(
      "Folders of packs, or folders that hold such; several are separated by `:`. One that is not there yet is taken up when it is made.",
    ),
  YARD_ROLES: words
    .pipe(z.array(oneOf(ROLES)).min(1))
    .default([...ROLES])
    .describe("What this process does."),
  YARD_ADMIN_TOKEN: flawless(text, chosenTokenFlaw)
    .optional()
    .describe("Sets the first token, for automation."),
  YARD_MASTER_KEY: flawless(text, masterKeyFlaw)
    .optional()
    .describe("Key that seals secrets, where several machines share it."),
  YARD_WORKER_PROCESSES: places
    .optional()
    .describe("Process attempts at once; by default 4 for each core."),
  YARD_RUN_AS: flawless(text, runAsFlaw)
    .optional()
    .describe(
      "User of this machine whom the programs of runs are run as, with a group if need be (yard-runs, 1001:1001); by default whoever runs the server. Only root can.",
    ),
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
    .describe(
      "Runs that may follow from one another through rules: on their ends (yard.run.finished), or on events that they send with their tracestate.",
    ),
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
  ...NODE_SETTINGS,
  ...TRACE_SETTINGS,
  YARD_SHUTDOWN_GRACE: grace
    .default(30_000)
    .describe(
      "How long running attempts, here and on nodes, may go on when the server stops; at most 24d. What still runs then is told to end (TERM), and killed 10 s later.",
    ),
  YARD_DRAIN: grace
    .default(0)
    .describe(
      "How long the API goes on answering after it was told to stop, while /readyz says 503: as long as a load balancer in front takes to notice, such as 10s.",
    ),
  YARD_LOG_LEVEL: oneOf(["debug", "info", "warn", "error"])
    .default("info")
    .describe("Least level that is logged."),
  DATABASE_URL: flawless(text, databaseUrlFlaw)
    .optional()
    .describe("PostgreSQL 14 to 18; without it the one that comes with Yardmaster is run."),
} as const;

export type Name = keyof typeof SETTINGS;

/** The values of all settings, by their names. */
export type Read = { readonly [N in Name]: z.output<(typeof SETTINGS)[N]> };
