import type { AgentOutcome } from "@yardmaster/kernel";
import type { AgentEnded, AgentEvent } from "./agent-event.ts";

/** All that an agent's output comes to. */
export interface Heard {
  readonly session?: string;
  readonly model?: string;
  readonly version?: string;
  /** Its last word on how it ended. */
  readonly ended?: AgentEnded;
  /** The limit of its provider that it has reached. */
  readonly limit?: { readonly window?: string; readonly resetsAt?: number };
  /** Why its provider refuses it for good, while it goes on asking. */
  readonly refusedFor?: { readonly outcome: AgentOutcome; readonly why: string };
  /** Lines that were no JSON, or too long to be read. */
  readonly malformedLines: number;
}

export const NOTHING_HEARD: Heard = { malformedLines: 0 };

export function hear(heard: Heard, event: AgentEvent): Heard {
  switch (event.type) {
    case "session_started": {
      const { type: _, ...facts } = event;
      return { ...heard, ...facts };
    }
    case "ended":
      return { ...heard, ended: event };
    case "rate_limit": {
      if (!event.isReached) return heard;
      const { window, resetsAt } = event;
      const limit = { ...(window && { window }), ...(resetsAt !== undefined && { resetsAt }) };
      return { ...heard, limit };
    }
    case "provider_retry":
      return event.final === undefined
        ? heard
        : { ...heard, refusedFor: { outcome: event.final, why: event.why } };
    default:
      return heard;
  }
}
