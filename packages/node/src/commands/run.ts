import { randomBytes, randomUUID } from "node:crypto";
import { createAuditLog } from "../audit/audit-log.ts";
import { refuseFiles } from "../config/allowed-folders.ts";
import { createCommandPolicy } from "../config/command-policy.ts";
import type { Config } from "../config/config.ts";
import { type ConfigChanges, createConfigChanges, readConfig } from "../config/config-file.ts";
import { forgetEnding, noteEnding } from "../config/last-ending.ts";
import { readMemory } from "../config/memory.ts";
import { messageOf } from "../config/owner-only.ts";
import { type StateFolder, stateFolder } from "../config/state-folder.ts";
import { openControl, type Question, refuseRunning } from "../control/control-socket.ts";
import { dial } from "../link/dialing/dial.ts";
import { FINAL_EXITS, type LastEnding } from "../link/ending.ts";
import { createLink, type Link } from "../link/link.ts";
import { createNodeName, type NodeName } from "../link/node-name.ts";
import { createTokens } from "../link/tokens.ts";
import { createLog, type Log } from "../log.ts";
import { nodeInfo } from "../node-info.ts";
import { createWork } from "../work/work.ts";
import type { Work } from "../work/work.types.ts";
import { readFlags } from "./flags.ts";
import type { Io } from "./io.ts";
import { isPaired, pairWith } from "./pair.ts";
import { PAIR_FLAGS, type PairFlags, strayFlags } from "./pair-flags.ts";
import { statusOf } from "./status.ts";
import { stopOnSignal } from "./stop-on-signal.ts";

const FLAGS = { ...PAIR_FLAGS, "refusal-is-success": { type: "boolean" } } as const;

/**
 * `run`: keeps this machine connected, in the foreground, until it is stopped (0), or the server will not have it
 * any more (a code of its own for each reason). With the flags of `pair` it pairs first, where that is still to do.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const flags = readFlags(args, FLAGS);
  const folder = stateFolder(flags.state, io.env);
  const isToPair = flags.force === true || !(await isPaired(folder));
  if (isToPair && saysHowToPair(flags, io)) {
    // Before the token is used up, which works once.
    await refuseRunning(folder.socket);
    await pairWith(flags, io);
  }
  const config = await readConfig(folder.config);
  await refuseFiles(folder.config, config);
  const log = createLog(io.err);
  if (!isToPair) tellUnused(flags, { folder, config, log });
  // Told, and survived: the node is the way to the machine, also for whoever will repair it.
  process.on("unhandledRejection", (error) =>
    log("error", `a failure that nobody took care of: ${messageOf(error)}`),
  );
  const file = createConfigChanges(folder.config);
  const name = createNodeName(config.name, { store: file.rename, log });
  const ending = await keepConnected({ folder, config, file, name, log, env: io.env });
  if (ending.kind === "stopped") return 0;
  log("error", ending.why);
  await noteEnding(folder.ending, { at: new Date().toISOString(), why: ending.why });
  return flags["refusal-is-success"] === true ? 0 : FINAL_EXITS[ending.exit].code;
}

/** The server alone says it too: the token may be in the environment, and where it is not, `pair` says what is missing. */
function saysHowToPair({ token, server }: PairFlags, { env }: Io): boolean {
  return token !== undefined || server !== undefined || (env["YARD_NODE_TOKEN"] ?? "") !== "";
}

/** A service or a container starts with the same line each time: then there is nothing to tell but of the token. */
function tellUnused(
  flags: PairFlags,
  { folder, config, log }: Pick<Node, "folder" | "config" | "log">,
): void {
  const stray = strayFlags(flags, config);
  const unused = flags.token === undefined ? stray : ["--token", ...stray];
  if (unused.length === 0) return;
  log(
    stray.length === 0 ? "info" : "warn",
    `this machine is paired already: ${unused.join(" and ")} ${unused.length === 1 ? "is" : "are"} not used; what holds stands in ${folder.config}, and --force pairs it anew`,
  );
}

interface Node {
  readonly folder: StateFolder;
  readonly config: Config;
  readonly file: ConfigChanges;
  readonly name: NodeName;
  readonly log: Log;
  readonly env: NodeJS.ProcessEnv;
}

/** The folder is taken first: work clears away what an earlier run left in it, and must not find a living one. */
async function keepConnected(node: Node): Promise<LastEnding> {
  let answer: (question: Question) => unknown = () => ({ pid: process.pid, state: "idle" });
  const control = await openControl({
    path: node.folder.socket,
    answer: (question) => answer(question),
  });
  try {
    await forgetEnding(node.folder.ending);
    return await withAudit(node, (begun) => {
      answer = begun;
    });
  } finally {
    control.close();
  }
}

type OnBegun = (answer: (question: Question) => unknown) => void;

async function withAudit(node: Node, onBegun: OnBegun): Promise<LastEnding> {
  const { folder, config, name, log } = node;
  const audit = createAuditLog({
    path: folder.audit,
    node: name.current,
    now: Date.now,
    onTrouble: (message) => log("warn", message),
  });
  const refusalOf = createCommandPolicy(config.commands);
  const deps = { now: Date.now, audit: audit.note, log, refusalOf };
  try {
    return await linked(node, createWork(deps, workOptions(node)), onBegun);
  } finally {
    await audit.close();
  }
}

async function linked(node: Node, work: Work, onBegun: OnBegun): Promise<LastEnding> {
  const { config, name, log } = node;
  const about = { config, name, work, instanceId: randomUUID(), startedAtMs: Date.now() };
  const link = await linkOf(node, work, about.instanceId);
  const stop = stopOnSignal(link, work, log);
  onBegun((question) => {
    if (question === "stop") stop.now("it was asked to");
    return statusOf({ ...about, link });
  });
  try {
    const ending = await link.run();
    await stop.finished();
    await work.killAll();
    return ending;
  } finally {
    stop.over();
  }
}

function workOptions({ folder, config }: Node) {
  const { allowed_paths: allowedPaths, slots, orphans, allow, labels } = config;
  return { allowedPaths, slots, orphans, allow, labels, stateFolder: folder.path };
}

async function linkOf(node: Node, work: Work, instanceId: string): Promise<Link> {
  const { folder, config, file, name, log, env } = node;
  return createLink({
    config,
    tokens: createTokens(config, file),
    name,
    memory: await readMemory(folder.memory),
    work,
    dial: (signal) => dial(config, { env, signal }),
    nodeInfo: () => nodeInfo({ instanceId, config, features: work.features() }),
    log,
    now: Date.now,
    random: () => randomBytes(4).readUInt32LE(0) / 2 ** 32,
  });
}
