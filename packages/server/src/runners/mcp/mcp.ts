import { type McpSpec, mcpRequestOf } from "@yardmaster/kernel";
import { createAllowList } from "../http/allow-list.ts";
import { createExchange } from "../http/exchange.ts";
import { systemResolve } from "../http/guard.ts";
import type { HttpRunnerOptions } from "../http/index.ts";
import { limitsOf } from "../limits.ts";
import { storable } from "../output/capture.ts";
import { baseEnvironment } from "../process/environment.ts";
import { stoppedResult } from "../process/outcome.ts";
import type { ProcessRunnerOptions } from "../process/process.ts";
import { startHere } from "../process/start.ts";
import { createStrays } from "../process/strays.ts";
import { atHome } from "../run-as/run-as.ts";
import {
  type AttemptContext,
  type AttemptResult,
  NOTHING_RAN,
  type Runner,
  stopReason,
} from "../runner.ts";
import { callOverHttp } from "./over-http.ts";
import { outputOf } from "./result.ts";
import { type Call, callOverStdio } from "./stdio.ts";
import { createTeller } from "./teller.ts";

export interface McpRunnerOptions extends ProcessRunnerOptions {
  readonly http?: HttpRunnerOptions;
}

/** A message holds its value twice, as a value and as a text, and the text has its quotes escaped. */
const MESSAGE_PER_RESULT = 4;
/** Of a command, an error shows as much. */
const MOST_COMMAND_CHARS = 80;

/** Calls tools of MCP servers: each attempt is a conversation of its own, with a server that is started or asked for it. */
export function createMcpRunner(options: McpRunnerOptions = {}): Runner<McpSpec> {
  const { environment = process.env, now = Date.now, start = startHere, runAs } = options;
  const { strays = createStrays() } = options;
  const limits = limitsOf(options);
  const maxMessageBytes = MESSAGE_PER_RESULT * limits.resultLimitBytes;
  const base = atHome(baseEnvironment(environment, process.platform), runAs);
  const { allow = [], resolve = systemResolve, connectTimeoutMs = 10_000 } = options.http ?? {};
  const exchange = createExchange({ allowed: createAllowList(allow), resolve, connectTimeoutMs });

  function callOf(
    spec: McpSpec,
    where: string,
    given: Call["tool"]["arguments"],
    context: AttemptContext,
  ): Call {
    const { masker, idempotencyKey, trace, traceState } = context;
    const server = `the MCP server ${where}`;
    const clean = (text: string): string => storable(masker?.text(text) ?? text);
    return {
      tool: {
        tool: spec.tool,
        server,
        clean,
        arguments: given,
        meta: {
          progressToken: 1,
          "yardmaster/idempotency-key": idempotencyKey,
          ...(trace !== undefined && { traceparent: trace }),
          ...(traceState !== undefined && { tracestate: traceState }),
        },
      },
      teller: createTeller({ ...context, now, limitBytes: limits.outputLimitBytes }),
      read: (result) =>
        outputOf(result, {
          tool: spec.tool,
          server,
          readsJson: spec.readsJson === true,
          resultLimitBytes: limits.resultLimitBytes,
          clean,
        }),
      maxMessageBytes,
    };
  }

  return {
    async run(spec, context): Promise<AttemptResult> {
      const { signal, timeoutMs } = context;
      if (signal.aborted)
        return stoppedResult({ stopped: stopReason(signal), timeoutMs }, NOTHING_RAN);
      const asked = mcpRequestOf(spec, context.input, context.secrets);
      if (!asked.ok) return { status: "failed", error: asked.error, facts: NOTHING_RAN };
      const { url = "", headers = {}, env = {} } = asked.server;
      if (spec.command === undefined) {
        const call = callOf(spec, originOf(url), asked.arguments, context);
        return await callOverHttp({ url, headers }, call, context, {
          exchange,
          connectTimeoutMs,
          now,
        });
      }
      const call = callOf(spec, commandText(spec.command), asked.arguments, context);
      const setup = { start, base, limits, now, runAs, strays };
      return await callOverStdio(spec, textsOf(env), call, context, setup);
    },
  };
}

function textsOf(env: { readonly [name: string]: unknown }): { [name: string]: string } {
  const given = Object.entries(env).filter(([, value]) => value !== null);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

/** Paths and queries may hold tokens. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}

function commandText(command: readonly string[]): string {
  const text = command.join(" ");
  return text.length <= MOST_COMMAND_CHARS ? text : `${text.slice(0, MOST_COMMAND_CHARS)} …`;
}
