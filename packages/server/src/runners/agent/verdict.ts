import type { AgentOutcome, AgentSpec } from "@yardmaster/kernel";
import type { Json, WorkError } from "@yardmaster/protocol";
import { storable } from "../output/capture.ts";
import { tooLarge } from "../output/output.ts";
import type { AttemptResult } from "../runner.ts";
import type { AgentEnded } from "./agent-event.ts";
import type { Heard } from "./heard.ts";

/** Why the runner itself has stopped the agent. */
export type StoppedFor =
  /** No sign of it for too long. */
  | "silence"
  /** It asks a provider again and again that will not have it. */
  | "refused"
  /** It had said how it ended, and did not go. */
  | "lingering";

export interface Judged {
  readonly spec: AgentSpec;
  readonly heard: Heard;
  readonly stoppedFor?: StoppedFor;
  /** How its process ended. */
  readonly result: AttemptResult;
  /** Unix milliseconds. */
  readonly now: number;
  readonly resultLimitBytes: number;
}

/** Of why it did not work out, an error tells as much; the log has all of it. */
const MOST_WHY_CHARS = 2_000;

/** A limit of a provider is not asked after more often, whatever time it names. */
const LEAST_PAUSE_MS = 60_000;

const PROGRAM_OF: { readonly [kind: string]: string } = {
  claude: "Install Claude Code there (npm install -g @anthropic-ai/claude-code)",
  codex: "Install Codex there (npm install -g @openai/codex)",
};

/**
 * What became of an attempt. An agent has succeeded where it says so itself and its process agrees: an exit code of 0
 * alone says nothing.
 */
export function verdictOf(judged: Judged): AttemptResult {
  const { result, heard, stoppedFor } = judged;
  if (stoppedFor === "silence") return failed(judged, "stalled", silenceText(judged));
  if (stoppedFor === "refused" && heard.refusedFor !== undefined)
    return failed(judged, heard.refusedFor.outcome, heard.refusedFor.why);
  if (stoppedFor !== "lingering" && !endedByItself(result)) return notByItself(judged);
  const { ended } = heard;
  if (ended === undefined) return failed(judged, "crashed", crashText(judged));
  if (ended.outcome !== "completed") return failed(judged, ended.outcome, ended.text);
  if (result.status === "failed")
    return failed(
      judged,
      "crashed",
      `it said that it had completed, and yet: ${result.error.message}`,
    );
  return succeeded(judged, ended);
}

function endedByItself(result: AttemptResult): boolean {
  return result.status === "success" || isExit(result);
}

function isExit(result: AttemptResult): boolean {
  return result.status === "failed" && result.error.code === "process_exit";
}

/** Stopped, lost or never begun: what that means is the process's own. Where it can be gone on from is told beside it. */
function notByItself({ result, heard, spec }: Judged): AttemptResult {
  if (result.status === "success" || result.status === "lost") return result;
  const { error } = result;
  if (error.code === "process_start" && error.details?.["error"] === "ENOENT") {
    const message = `${error.message} ${PROGRAM_OF[spec.profile.kind]}, or name its program as command in the agent's profile.`;
    return { ...result, error: { ...error, message } };
  }
  const { session } = heard;
  if (session === undefined) return result;
  return { ...result, error: { ...error, details: { ...error.details, session } } };
}

function succeeded(judged: Judged, ended: AgentEnded): AttemptResult {
  const { spec, resultLimitBytes, result } = judged;
  const text = storable(ended.text ?? "");
  const own = ended.answer === undefined ? { text } : (ended.answer as { [key: string]: Json });
  const output: Json = {
    ...own,
    agent: factsOf(judged, ended.answer === undefined ? undefined : text),
  };
  const bytes = Buffer.byteLength(JSON.stringify(output));
  if (bytes > resultLimitBytes)
    return { status: "failed", error: tooLarge(bytes, resultLimitBytes), facts: result.facts };
  const files = result.status === "success" && result.files !== undefined;
  if (spec.files !== undefined && !files)
    return failed(judged, "crashed", "it did not go when it had ended, and handed no files back");
  return {
    status: "success",
    output,
    ...(files && { files: result.files }),
    facts: result.facts,
  };
}

function factsOf({ spec, heard }: Judged, text: string | undefined): { [key: string]: Json } {
  const { session, model, malformedLines, ended } = heard;
  return {
    kind: spec.profile.kind,
    ...(session !== undefined && { session }),
    ...(model !== undefined && { model }),
    ...(text !== undefined && { text }),
    ...(ended?.turns !== undefined && { turns: ended.turns }),
    ...(ended?.costUsd !== undefined && { cost_usd: ended.costUsd }),
    ...(ended?.usage !== undefined && { usage: { ...ended.usage } }),
    ...(malformedLines > 0 && { malformed_lines: malformedLines }),
  };
}

function failed(judged: Judged, outcome: AgentOutcome, why: string | undefined): AttemptResult {
  const { spec, heard, result } = judged;
  const { session, ended } = heard;
  const isLimit = outcome === "rate_limited" || outcome === "overloaded";
  const hint = hintOf(outcome, spec);
  const told = `${name(spec)} ${HOW[outcome]}${why === undefined ? "" : `: ${storable(beginningOf(why))}`}`;
  const details: NonNullable<WorkError["details"]> = {
    outcome,
    ...(session !== undefined && { session }),
    ...(ended?.turns !== undefined && { turns: ended.turns }),
    ...(ended?.costUsd !== undefined && { cost_usd: ended.costUsd }),
    ...(ended?.usage?.input_tokens !== undefined && { input_tokens: ended.usage.input_tokens }),
    ...(ended?.usage?.output_tokens !== undefined && { output_tokens: ended.usage.output_tokens }),
    ...(isLimit && pauseOf(judged)),
  };
  return {
    status: "failed",
    error: {
      code: isLimit ? "agent_limit" : "agent_failed",
      message: [sentence(told), ...(hint === undefined ? [] : [hint])].join(" "),
      details,
    },
    facts: result.facts,
  };
}

function beginningOf(why: string): string {
  return why.length <= MOST_WHY_CHARS ? why : `${why.slice(0, MOST_WHY_CHARS).toWellFormed()} …`;
}

function sentence(text: string): string {
  const told = text.trimEnd();
  return /[.!?]$/.test(told) ? told : `${told}.`;
}

const HOW: { readonly [O in AgentOutcome]: string } = {
  completed: "has completed",
  turn_limit: "has used up its turns",
  budget: "has used up its money",
  rate_limited: "has reached a limit of its provider",
  overloaded: "was turned away by its provider",
  refused: "has refused",
  auth: "is not let in by its provider",
  billing: "is not served until it is paid for",
  config: "was started with what it, or its provider, does not take",
  error: "has failed",
  crashed: "ended without an end",
  stalled: "gave no sign and was stopped",
};

function name({ profile }: AgentSpec): string {
  return profile.kind === "claude" ? "Claude" : "Codex";
}

function hintOf(outcome: AgentOutcome, { profile }: AgentSpec): string | undefined {
  switch (outcome) {
    case "auth":
      return `Log ${profile.kind} in where it runs, as the user that runs it, or give its profile a key.`;
    case "turn_limit":
      return "Raise limits.turns of its profile, or go on with its session.";
    case "budget":
      return "Raise limits.cost_usd of its profile, or go on with its session.";
    case "stalled":
      return "limits.silence of its profile says for how long it may be silent.";
    default:
      return undefined;
  }
}

function pauseOf({ heard, now }: Judged): { window?: string; retry_after_ms?: number } {
  const { window, resetsAt } = heard.limit ?? {};
  return {
    ...(window !== undefined && { window }),
    ...(resetsAt !== undefined && { retry_after_ms: Math.max(LEAST_PAUSE_MS, resetsAt - now) }),
  };
}

function silenceText({ spec }: Judged): string {
  return `nothing came from it for ${spec.profile.silenceMs / 1000} s.`;
}

function crashText({ result, heard }: Judged): string {
  const { malformedLines } = heard;
  const lines = malformedLines === 0 ? "" : ` ${malformedLines} of its lines were no JSON.`;
  return result.status === "failed"
    ? `${result.error.message}${lines}`
    : `its process ended with exit code 0 and did not say how its work ended.${lines}`;
}
