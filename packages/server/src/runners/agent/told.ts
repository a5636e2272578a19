import type { AgentEvent } from "./agent-event.ts";

/** Of what a tool is given, and of why it failed, as much is told as a line of a log can bear. */
const MOST_CHARS = 300;

/** What people read of an event in the log, without the line end; undefined where it is nothing to read. */
export function toldOf(event: AgentEvent): string | undefined {
  switch (event.type) {
    case "session_started": {
      const { session, model, version } = event;
      const what = [
        version && `version ${cut(version)}`,
        model && `model ${cut(model)}`,
        `session ${cut(session)}`,
      ];
      return `[agent] ${what.filter(Boolean).join(", ")}`;
    }
    case "said":
      return event.text.trim() === "" ? undefined : event.text.trimEnd();
    case "thought":
      return event.text.trim() === "" ? undefined : `[thought] ${cut(event.text)}`;
    case "tool_started":
      return `[tool] ${cut(event.name)} ${cut(event.input)}`.trimEnd();
    case "tool_failed":
      return `[tool] failed: ${cut(event.why)}`;
    case "tool_allowed":
      return `[agent] ${cut(event.name)} was allowed (permissions)`;
    case "tool_denied":
      return `[agent] ${cut(event.name)} was not allowed (${cut(event.why ?? "permissions")})`;
    case "planned":
      return `[plan] ${cut(event.plan)}`;
    case "provider_retry": {
      const after = event.delayMs === undefined ? "" : `, again in ${seconds(event.delayMs)}`;
      return `[agent] its provider: ${cut(event.why)} (try ${event.attempt}${after})`;
    }
    case "rate_limit": {
      if (!event.isReached) return undefined;
      const { window = "its provider's", resetsAt } = event;
      const until = resetsAt === undefined ? "" : ` until ${new Date(resetsAt).toISOString()}`;
      return `[agent] the limit ${cut(window)} is reached${until}`;
    }
    case "notice":
      return event.text === "" ? undefined : `[agent] ${cut(event.text)}`;
    case "ended": {
      const { turns, costUsd, usage } = event;
      const what = [
        event.outcome,
        turns === undefined ? undefined : `${turns} turns`,
        costUsd === undefined ? undefined : `${costUsd.toFixed(4)} USD`,
        usage?.output_tokens === undefined ? undefined : `${usage.output_tokens} tokens written`,
      ];
      return `[agent] ended: ${what.filter(Boolean).join(", ")}`;
    }
  }
}

/** On one line. It is cut first: to seek line ends between the spaces of a long text takes the square of its length. */
function cut(text: string): string {
  const trimmed = text.trim();
  const line = trimmed.slice(0, MOST_CHARS).replaceAll(/\s*\n\s*/g, " ");
  return trimmed.length <= MOST_CHARS ? line : `${line} …`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
