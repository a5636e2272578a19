import { nearest } from "@yardmaster/protocol";
import type { Validator } from "../../../schema/index.ts";
import { DEFAULT_AGENT_TIMEOUT_MS } from "../../agent.ts";
import { NO_RETRY, type RunnerSpec } from "../../definition.ts";
import { DEFAULT_HTTP_TIMEOUT_MS } from "../../http-request.ts";
import type { Report } from "../../problem.ts";
import type { Profiles } from "../agent.ts";
import { actionCallee, type Callee } from "../calls/callee.ts";
import { readIdempotencyKey } from "../calls/idempotency-key.ts";
import { readOn } from "../calls/on.ts";
import {
  type Queues,
  readPriority,
  readQueueUse,
  readRetry,
  readTimeoutMs,
} from "../calls/policies.ts";
import { didYouMean } from "../fields/did-you-mean.ts";
import type { Fields } from "../fields/fields.ts";
import { DEFAULT_TIMEOUT_MS } from "../fields/limits.ts";
import { readOutput } from "../fields/schemas.ts";
import { type Visible, visibleInput } from "../fields/visible.ts";
import { AGENT_ACTION_KEYS, agentOutputSchema, readAgent } from "./agent.ts";
import { HTTP_KEYS, readHttp, responseSchema } from "./http.ts";
import { readLostPolicy } from "./lost.ts";
import { MCP_KEYS, readMcp } from "./mcp.ts";
import { PROCESS_KEYS, readProcess } from "./process.ts";
import { checkRoomForSecrets, NO_SECRETS_HINT, readSecrets, withSecrets } from "./secrets.ts";

export const ACTION_KEYS = [
  "action",
  "description",
  "as_tool",
  "runner",
  ...PROCESS_KEYS,
  ...HTTP_KEYS,
  ...AGENT_ACTION_KEYS.filter((key) => !(PROCESS_KEYS as readonly string[]).includes(key)),
  ...MCP_KEYS,
  "secrets",
  "input",
  "input_schema",
  "output",
  "output_schema",
  "timeout",
  "retry",
  "idempotency_key",
  "queue",
  "priority",
  "on",
  "on_lost",
  "check",
];

export type ActionRunner = "process" | "http" | "mcp" | "agent";

/** The runners, and the keys of an action that depend on its runner. */
export const RUNNERS: { readonly [R in ActionRunner]: readonly string[] } = {
  process: [...PROCESS_KEYS, "secrets"],
  http: [...HTTP_KEYS, "secrets"],
  mcp: [...MCP_KEYS, "secrets"],
  agent: AGENT_ACTION_KEYS,
};

const DEFAULT_TIMEOUTS_MS: { readonly [runner: string]: number } = {
  http: DEFAULT_HTTP_TIMEOUT_MS,
  agent: DEFAULT_AGENT_TIMEOUT_MS,
};

export interface ActionContext {
  readonly packDigest: string;
  readonly files: ReadonlySet<string>;
  readonly queues: Queues;
  readonly profiles: Profiles;
  readonly reportSlip: Report;
}

/** The action as far as it could be read; what could not is reported. Its `input` was read before. */
export function readAction(
  ref: string,
  fields: Fields,
  input: Validator | undefined,
  context: ActionContext,
  report: Report,
): Callee {
  const kind = readKind(fields, report);
  const declared = readOutput(fields, report);
  const output = outputOf(kind, declared);
  const visible = visibleInput(input?.schema ?? true);
  const hasOutput = fields.has("output") || fields.has("output_schema");
  const isOutputBroken = hasOutput && declared === undefined;
  const secrets = kind === "agent" ? undefined : readSecrets(fields, report);
  if (secrets !== undefined && (kind === "process" || fields.has("check")))
    checkRoomForSecrets(fields, input, report);
  const seen = withSecrets(visible, secrets);
  const runner =
    kind === undefined
      ? undefined
      : readRunner(kind, fields, seen, { input, output: declared }, context, report);
  const timeoutMs = readTimeoutMs(fields);
  const retry = readRetry(fields, report);
  const queue = readQueueUse(fields, context.queues, visible, report);
  const priority = readPriority(fields);
  const lost = readLostPolicy(fields, context.files, report);
  const on = kind === undefined ? undefined : readOn(fields, runner ?? { kind }, visible, report);
  const idempotencyKey = readIdempotencyKey(fields, kind, visible, report);
  if (fields.has("files") && fields.has("check")) {
    const message = "what a check finds done elsewhere cannot be handed back as files";
    report(fields.keyPlace("check"), message, "leave out on_lost: check, or files");
  }
  if (fields.has("files") && lost.asksOnLost) {
    const message = "what a person says was done cannot be handed back as files";
    report(fields.keyPlace("on_lost"), message, "leave out on_lost: ask, or files");
  }
  if (input === undefined || runner === undefined || isOutputBroken) {
    const isKnown = kind !== undefined && !isOutputBroken && output !== undefined;
    return {
      ref,
      ...(input === undefined ? {} : { input }),
      output: isKnown ? output.schema : true,
    };
  }
  return actionCallee({
    ref,
    runner,
    packDigest: context.packDigest,
    ...(secrets === undefined ? {} : { secrets }),
    input,
    ...(output === undefined ? {} : { output }),
    timeoutMs: timeoutMs ?? DEFAULT_TIMEOUTS_MS[runner.kind] ?? DEFAULT_TIMEOUT_MS,
    retry: retry ?? NO_RETRY,
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(on === undefined ? {} : { on }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...lost,
  });
}

/** What the output is, with what the runner itself adds to the declared. */
function outputOf(kind: ActionRunner | undefined, declared: Validator | undefined) {
  if (kind === "http") return responseSchema(declared);
  return kind === "agent" ? agentOutputSchema(declared?.schema) : declared;
}

function readRunner(
  kind: ActionRunner,
  fields: Fields,
  visible: Visible,
  declared: { readonly input: Validator | undefined; readonly output: Validator | undefined },
  context: ActionContext,
  report: Report,
): RunnerSpec | undefined {
  const { files, profiles, reportSlip } = context;
  if (kind === "http") return readHttp(fields, visible, report, reportSlip);
  if (kind === "mcp") return readMcp(fields, declared, visible, report, reportSlip);
  if (kind === "agent")
    return readAgent(fields, declared.output, profiles, visible, report, reportSlip);
  const hasOutput = fields.has("output") || fields.has("output_schema");
  return readProcess(fields, hasOutput, files, report);
}

/** The runner whose keys alone are used; of a slip of the pen the one that was meant, so that the rest is read too. */
function readKind(fields: Fields, report: Report): ActionRunner | undefined {
  const written = fields.requiredText("runner");
  if (written === undefined) return undefined;
  const names = Object.keys(RUNNERS) as ActionRunner[];
  const runner = names.find((name) => name === written);
  if (runner === undefined) {
    const hint = didYouMean(written, names) ?? `the runners are ${names.join(", ")}`;
    report(fields.get("runner")?.place ?? fields.place, `there is no runner "${written}"`, hint);
    const near = nearest(written, names);
    return names.find((name) => name === near);
  }
  const own = RUNNERS[runner];
  const all = new Set(Object.values(RUNNERS).flat());
  for (const key of [...all].filter((one) => fields.has(one) && !own.includes(one)))
    report(
      fields.keyPlace(key),
      `${key} is for runner: ${eitherOf(runnersWith(key))}`,
      key === "secrets" ? NO_SECRETS_HINT : undefined,
    );
  return runner;
}

function eitherOf(names: readonly string[]): string {
  const [last = "", ...others] = names.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(", ")} or ${last}`;
}

function runnersWith(key: string): string[] {
  return Object.entries(RUNNERS).flatMap(([runner, keys]) => (keys.includes(key) ? [runner] : []));
}
