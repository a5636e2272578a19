import type { AgentOutcome, AgentSpec } from "@yardmaster/kernel";
import type { WorkError } from "@yardmaster/protocol";
import { storable } from "../output/capture.ts";
import type { AttemptResult } from "../runner.ts";
import type { Judged } from "./judged.ts";
import { nameOf } from "./programs/index.ts";

/** Of why it did not work out, an error tells as much; the log has all of it. */
const MOST_WHY_CHARS = 2_000;

/** A limit of a provider is not asked after more often, whatever time it names. */
const LEAST_PAUSE_MS = 60_000;

/** What an attempt whose agent has not done it ends with: how, why, what it took, and what to do about it. */
export function failed(
  judged: Judged,
  outcome: AgentOutcome,
  why: string | undefined,
): AttemptResult {
  const { spec, heard, result } = judged;
  const { session, ended } = heard;
  const isLimit = outcome === "rate_limited" || outcome === "overloaded";
  const hint = hintOf(outcome, spec);
  const told = `${nameOf(spec.profile).title} ${HOW[outcome]}${why === undefined ? "" : `: ${storable(beginningOf(why))}`}`;
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

function hintOf(outcome: AgentOutcome, { profile }: AgentSpec): string | undefined {
  switch (outcome) {
    case "auth":
      return `${nameOf(profile).logIn} where it runs, as the user that runs it, or give its profile a key.`;
    case "turn_limit":
      if (profile.kind === "acp")
        return "Go on with its session, or raise what its own configuration allows.";
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
