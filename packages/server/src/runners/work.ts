import type { ActionDefinition, McpSpec, ProcessSpec, TrackerSpec } from "@yardmaster/kernel";
import { type AgentRunnerDeps, createAgentRunner } from "./agent/index.ts";
import { checkDone } from "./check.ts";
import { createHttpRunner, type HttpRunnerOptions } from "./http/index.ts";
import { limitsOf, type ProcessLimits } from "./limits.ts";
import { runLog } from "./logging.ts";
import type { AttemptContext, AttemptResult, Runner } from "./runner.ts";
import { packOf, type ReadSecrets, withSecrets } from "./with-secrets.ts";

export interface WorkOptions extends Partial<ProcessLimits> {
  readonly http?: HttpRunnerOptions;
  /** Calls tools of MCP servers; on a node nobody does. */
  readonly mcp?: Runner<McpSpec>;
  /** Writes to trackers; on a node nobody does. */
  readonly tracker?: Runner<TrackerSpec>;
  /** Reads what actions name of secrets; without it there are none to be had. */
  readonly readSecrets?: ReadSecrets;
  /** Reads the keys of agents' providers, where there are any to be had. */
  readonly readKey?: AgentRunnerDeps["readKey"];
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** Carries out an attempt of any action that takes time. Never rejects for what the action does. */
export type Work = (action: ActionDefinition, context: AttemptContext) => Promise<AttemptResult>;

export function createWork(processes: Runner<ProcessSpec>, options: WorkOptions = {}): Work {
  const { now = Date.now, readSecrets = noSecrets } = options;
  const { mcp, tracker } = options;
  const http = createHttpRunner({ now, ...options.http });
  const { resultLimitBytes, outputLimitBytes: logLimitBytes } = limitsOf(options);
  const agents = createAgentRunner({
    processes,
    now,
    resultLimitBytes,
    logLimitBytes,
    ...(options.readKey !== undefined && { readKey: options.readKey }),
  });

  async function carryOut(
    action: ActionDefinition,
    context: AttemptContext,
  ): Promise<AttemptResult> {
    const { runner } = action;
    switch (runner.kind) {
      case "process":
        return await processes.run(runner, context);
      case "agent":
        return await agents.run(runner, { ...context, pack: packOf(action.ref) });
      case "http":
        return await http.run(runner, context);
      case "mcp":
        if (mcp === undefined) throw new Error("no tool is called from here (w7k2)");
        return await mcp.run(runner, context);
      case "tracker":
        if (tracker === undefined) throw new Error("no tracker is known here (w7k3)");
        return await tracker.run(runner, context);
      case "log":
        return runLog(context, now);
      default:
        throw new Error(`${runner.kind} is no work for a worker (w7k1)`);
    }
  }

  async function checkAndCarryOut(
    action: ActionDefinition,
    context: AttemptContext,
  ): Promise<AttemptResult> {
    const startedMs = performance.now();
    const done = await checkDone(action.check, context, processes);
    if (done !== undefined) return done;
    const leftMs = context.timeoutMs - Math.round(performance.now() - startedMs);
    return await carryOut(action, { ...context, timeoutMs: Math.max(1, leftMs) });
  }

  return (action, context) => {
    const { secrets } = action;
    if (secrets === undefined) return checkAndCarryOut(action, context);
    const begin = (given: AttemptContext) => checkAndCarryOut(action, given);
    return withSecrets(action, secrets, context, begin, { readSecrets, now });
  };
}

async function noSecrets(): ReturnType<ReadSecrets> {
  throw new Error("nobody reads secrets here (s3n1)");
}
