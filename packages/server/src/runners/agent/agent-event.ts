import type { AgentOutcome, AgentUsage } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";

/** What an agent's program tells of its work, in one form for all of them. */
export type AgentEvent =
  | {
      readonly type: "session_started";
      readonly session: string;
      readonly model?: string;
      readonly version?: string;
    }
  | { readonly type: "said"; readonly text: string }
  | { readonly type: "thought"; readonly text: string }
  | { readonly type: "tool_started"; readonly name: string; readonly input: string }
  | { readonly type: "tool_failed"; readonly why: string }
  /** It has asked whether it may. */
  | { readonly type: "tool_allowed"; readonly name: string }
  | { readonly type: "tool_denied"; readonly name: string; readonly why?: string }
  /** What it means to do, and how far it is. */
  | { readonly type: "planned"; readonly plan: string }
  | {
      readonly type: "provider_retry";
      readonly why: string;
      readonly attempt: number;
      readonly delayMs?: number;
      /** Trying again will not help: what has to be done about it. */
      readonly final?: AgentOutcome;
    }
  | {
      readonly type: "rate_limit";
      readonly isReached: boolean;
      readonly window?: string;
      /** Unix milliseconds. */
      readonly resetsAt?: number;
    }
  | { readonly type: "notice"; readonly text: string }
  | AgentEnded;

/** The program's own word on how it ended. The last one counts. */
export interface AgentEnded {
  readonly type: "ended";
  readonly outcome: AgentOutcome;
  /** Its last words, or what it says went wrong. */
  readonly text?: string;
  /** What it answered where it was asked for a value. */
  readonly answer?: Json;
  readonly turns?: number;
  readonly costUsd?: number;
  readonly usage?: AgentUsage;
}
