import type { Config } from "../config/config.ts";
import { lastEnding, type NotedEnding } from "../config/last-ending.ts";
import { stateFolder } from "../config/state-folder.ts";
import { ask } from "../control/control-socket.ts";
import type { Link, LinkState } from "../link/link.ts";
import type { NodeName } from "../link/node-name.ts";
import { NODE_VERSION } from "../version.ts";
import type { Work } from "../work/work.types.ts";
import { readFlags } from "./flags.ts";
import { EXIT_NOT_RUNNING, type Io } from "./io.ts";

/** What a running node answers when it is asked how it is. */
export interface NodeStatus {
  readonly pid: number;
  readonly version: string;
  readonly name: string;
  readonly server: string;
  readonly instance_id: string;
  readonly started_at: string;
  readonly state: LinkState["name"];
  /** Since when it is connected, or when it dials again. */
  readonly at: string | null;
  readonly reason: string | null;
  readonly session_id: string | null;
  readonly protocol_version: string | null;
  readonly capabilities: readonly string[];
  readonly encrypted: boolean;
  readonly load: { readonly calls: number; readonly jobs: number; readonly slots: number };
}

export interface StatusOptions {
  readonly config: Config;
  readonly name: NodeName;
  readonly link: Link;
  readonly work: Work;
  readonly instanceId: string;
  readonly startedAtMs: number;
}

export function statusOf({
  config,
  name,
  link,
  work,
  instanceId,
  startedAtMs,
}: StatusOptions): NodeStatus {
  const state = link.state();
  const agreement = state.name === "connected" ? state.agreement : undefined;
  return {
    pid: process.pid,
    version: NODE_VERSION,
    name: name.current(),
    server: config.server,
    instance_id: instanceId,
    started_at: new Date(startedAtMs).toISOString(),
    state: state.name,
    at: timeOf(state),
    reason: "why" in state ? state.why : null,
    session_id: agreement?.sessionId ?? null,
    protocol_version: agreement?.protocolVersion ?? null,
    capabilities: [...(agreement?.capabilities ?? [])],
    encrypted: agreement?.sealing !== undefined,
    load: work.load(),
  };
}

function timeOf(state: LinkState): string | null {
  if (state.name === "connected") return new Date(state.sinceMs).toISOString();
  return state.name === "waiting" ? new Date(state.untilMs).toISOString() : null;
}

/** `status`: 0 where the node runs, 3 where it does not. */
export async function status(args: readonly string[], io: Io): Promise<number> {
  const flags = readFlags(args, { state: { type: "string" }, json: { type: "boolean" } });
  const folder = stateFolder(flags.state, io.env);
  const answer = (await ask(folder.socket, "status")) as NodeStatus | undefined;
  if (answer === undefined) {
    const ending = await lastEnding(folder.ending);
    const json = `${JSON.stringify({ state: "not_running", ...ending })}\n`;
    io.out(flags.json === true ? json : `No node runs on ${folder.path}.${endingText(ending)}\n`);
    return EXIT_NOT_RUNNING;
  }
  io.out(flags.json === true ? `${JSON.stringify(answer)}\n` : linesOf(answer));
  return 0;
}

function endingText(ending: NotedEnding | undefined): string {
  return ending === undefined ? "" : ` The last one ended at ${ending.at}: ${ending.why}`;
}

function linesOf(answer: NodeStatus): string {
  const { name, server, state, at, reason, pid, version, load, encrypted } = answer;
  const when = at === null ? "" : state === "waiting" ? ` until ${at}` : ` since ${at}`;
  return [
    `${name} is ${state}${when}${reason === null ? "" : `: ${reason}`}`,
    `server   ${server}${encrypted ? " (end-to-end encrypted)" : ""}`,
    `work     ${load.calls} calls, ${load.jobs} jobs, ${load.slots} slots`,
    `process  ${pid}, version ${version}`,
    "",
  ].join("\n");
}
