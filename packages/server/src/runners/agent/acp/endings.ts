import type { AgentOutcome } from "@yardmaster/kernel";
import type { Refused } from "../../rpc/session.ts";
import type { AgentEnded } from "../agent-event.ts";

const AUTH_REQUIRED = -32_000;
const INVALID_PARAMS = -32_602;
const NOT_FOUND = -32_002;
/** Gemini CLI hands its provider's status on as the code. */
const TOO_MANY_REQUESTS = 429;

/** What the protocol has a turn end with. */
const STOPS: { readonly [reason: string]: AgentOutcome | undefined } = {
  end_turn: "completed",
  max_tokens: "turn_limit",
  max_turn_requests: "turn_limit",
  refusal: "refused",
};

/** How its work ended by the reason that it gives, without what it said. */
export function endingOf(reason: string | undefined): Pick<AgentEnded, "outcome" | "text"> {
  const outcome = STOPS[reason ?? ""];
  if (outcome === "turn_limit") return { outcome, text: `it stopped at ${reason}` };
  if (outcome !== undefined) return { outcome };
  const text =
    reason === "cancelled"
      ? "it broke off by itself, as if it had been canceled"
      : `it stopped for a reason that is not known here: ${String(reason).slice(0, 100)}`;
  return { outcome: "error", text };
}

/** What an error in place of an answer means; `doing` says what was asked of it. */
export function refusalOf(doing: string, { rpc }: Refused, ways: readonly string[]): AgentEnded {
  const why = `${doing}: ${rpc.message} (${rpc.code})`;
  const of = (outcome: AgentOutcome, text = why): AgentEnded => ({ type: "ended", outcome, text });
  switch (rpc.code) {
    case AUTH_REQUIRED: {
      const offered = ways.length === 0 ? "" : `; it can be logged in by: ${ways.join(", ")}`;
      return of("auth", `${why}${offered}`);
    }
    case TOO_MANY_REQUESTS:
      return of("rate_limited");
    case INVALID_PARAMS:
    case NOT_FOUND:
      return of("config");
    default:
      return of("error");
  }
}
