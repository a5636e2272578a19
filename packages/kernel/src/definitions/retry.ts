import type { WorkError } from "@yardmaster/protocol";
import type { AgentOutcome } from "./agent.ts";
import type { RetryPolicy } from "./definition.ts";

/**
 * Milliseconds to wait before the next try, after `tries` counted ones. A server that asked for a longer pause
 * (`Retry-After`) gets it, within the policy's `max_delay`.
 * `random` is 0 to 1; it is recorded with the event that failed, so a replay waits the same.
 */
export function retryDelayMs(
  policy: RetryPolicy,
  tries: number,
  random: number,
  error?: WorkError,
): number {
  const bounded = Math.min(policy.delayMs * growth(policy, tries), policy.maxDelayMs);
  const own = Math.round(bounded * (1 - policy.jitter * random));
  return Math.max(own, Math.min(askedMs(error), policy.maxDelayMs));
}

function growth({ backoff }: RetryPolicy, tries: number): number {
  switch (backoff) {
    case "constant":
      return 1;
    case "linear":
      return tries;
    case "exponential":
      return 2 ** Math.min(tries - 1, 40);
  }
}

/**
 * Why a failure is not tried again by its policy, `""` where it is not worth saying; undefined where it is. A field
 * that the error does not have makes a condition not hold, as in a rule.
 */
export function notTriedAgain({ condition }: RetryPolicy, error: WorkError): string | undefined {
  if (condition === undefined) return mayPass(error) ? undefined : "";
  const { code, message, details = {} } = error;
  const judged = condition.evaluate({ error: { code, message, details } });
  if (judged.ok && judged.value === true) return undefined;
  return judged.ok || judged.error.kind === "missing"
    ? `not so: ${condition.source}`
    : `retry.if: ${judged.error.message}`;
}

/** Answers below 500 that may be another one later: too slow, in conflict, locked, too early, too many. */
const PASSING: readonly unknown[] = [408, 409, 423, 425, 429];

/** Ends of an agent's work that come again however often it is asked; more of a limit is for people to grant. */
const FOR_GOOD: readonly unknown[] = [
  "turn_limit",
  "budget",
  "refused",
  "auth",
  "billing",
  "config",
] satisfies AgentOutcome[];

/** Ways in which a tool cannot be called: nobody has it, or not with these arguments. */
const NO_CALL: readonly unknown[] = ["unknown_tool", "invalid_arguments"];

/** Whether the same work may succeed when it is tried again; not where what was asked for is itself refused. */
export function mayPass(error: WorkError | undefined): boolean {
  switch (error?.code) {
    case "invalid_input":
    case "http_blocked":
    case "secret_missing":
    case "secret_refused":
    case "secret_unreadable":
      return false;
    case "agent_failed":
      return !FOR_GOOD.includes(error.details?.["outcome"]);
    case "mcp_failed":
      return !NO_CALL.includes(error.details?.["error"]);
    case "http_status": {
      const status = error.details?.["status"];
      return Number(status) >= 500 || PASSING.includes(status);
    }
    default:
      return true;
  }
}

/** The longest that a limit of a provider is waited for: some count by the week. */
export const MAX_PAUSE_MS = 8 * 86_400_000;

/**
 * How long to wait for a limit of an agent's provider whose end is known. It is no try that failed: nothing was done
 * that could be done better, and asking again before that time would be refused again.
 */
export function pauseMs(error: WorkError | undefined): number | undefined {
  const asked = error?.code === "agent_limit" ? error.details?.["retry_after_ms"] : undefined;
  return typeof asked === "number" ? Math.min(asked, MAX_PAUSE_MS) : undefined;
}

function askedMs(error: WorkError | undefined): number {
  const asked = error?.code === "http_status" ? error.details?.["retry_after_ms"] : undefined;
  return typeof asked === "number" ? asked : 0;
}
