import { nearest } from "@yardmaster/protocol";
import type { Validator } from "../../../schema/index.ts";
import { NO_RETRY, type RunnerSpec } from "../../definition.ts";
import { DEFAULT_HTTP_TIMEOUT_MS } from "../../http-request.ts";
import type { Report } from "../../problem.ts";
import { actionCallee, type Callee } from "../calls/callee.ts";
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
import { HTTP_KEYS, readHttp, responseSchema } from "./http.ts";
import { readLostPolicy } from "./lost.ts";
import { PROCESS_KEYS, readProcess } from "./process.ts";

export const ACTION_KEYS = [
  "action",
  "description",
  "runner",
  ...PROCESS_KEYS,
  ...HTTP_KEYS,
  "input",
  "input_schema",
  "output",
  "output_schema",
  "timeout",
  "retry",
  "queue",
  "priority",
  "on",
  "on_lost",
  "check",
];

/** The runners, and the keys that only an action of that runner has. */
export const RUNNERS: { readonly [runner: string]: readonly string[] } = {
  process: PROCESS_KEYS,
  http: HTTP_KEYS,
};

export interface ActionContext {
  readonly packDigest: string;
  readonly files: ReadonlySet<string>;
  readonly queues: Queues;
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
  const output = kind === "http" ? responseSchema(declared) : declared;
  const visible = visibleInput(input?.schema ?? true);
  const hasOutput = fields.has("output") || fields.has("output_schema");
  const isOutputBroken = hasOutput && declared === undefined;
  const runner =
    kind === undefined ? undefined : readRunner(kind, fields, visible, hasOutput, context, report);
  const timeoutMs = readTimeoutMs(fields);
  const retry = readRetry(fields, report);
  const queue = readQueueUse(fields, context.queues, visible, report);
  const priority = readPriority(fields);
  const check = readLostPolicy(fields, context.files, report);
  const on = kind === undefined ? undefined : readOn(fields, kind, visible, report);
  if (fields.has("files") && fields.has("check")) {
    const message = "what a check finds done elsewhere cannot be handed back as files";
    report(fields.keyPlace("check"), message, "leave out on_lost: check, or files");
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
    input,
    ...(output === undefined ? {} : { output }),
    timeoutMs: timeoutMs ?? (kind === "http" ? DEFAULT_HTTP_TIMEOUT_MS : DEFAULT_TIMEOUT_MS),
    retry: retry ?? NO_RETRY,
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(on === undefined ? {} : { on }),
    ...(check === undefined ? {} : { check }),
  });
}

function readRunner(
  kind: string,
  fields: Fields,
  visible: Visible,
  hasOutput: boolean,
  context: ActionContext,
  report: Report,
): RunnerSpec | undefined {
  return kind === "http"
    ? readHttp(fields, visible, report, context.reportSlip)
    : readProcess(fields, hasOutput, context.files, report);
}

/** The runner whose keys alone are used; of a slip of the pen the one that was meant, so that the rest is read too. */
function readKind(fields: Fields, report: Report): string | undefined {
  const runner = fields.requiredText("runner");
  if (runner === undefined) return undefined;
  if (!Object.hasOwn(RUNNERS, runner)) {
    const names = Object.keys(RUNNERS);
    const hint = didYouMean(runner, names) ?? `the runners are ${names.join(" and ")}`;
    report(fields.get("runner")?.place ?? fields.place, `there is no runner "${runner}"`, hint);
    return nearest(runner, names);
  }
  for (const [other, keys] of Object.entries(RUNNERS))
    for (const key of other === runner ? [] : keys.filter(fields.has))
      report(fields.keyPlace(key), `${key} is for runner: ${other}`);
  return runner;
}
