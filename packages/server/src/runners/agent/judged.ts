import type { AgentSpec } from "@yardmaster/kernel";
import type { AttemptResult } from "../runner.ts";
import type { Heard } from "./heard.ts";

/** Why the runner itself has stopped the agent. */
export type StoppedFor =
  /** No sign of it for too long. */
  | "silence"
  /** It does not speak the protocol, or not yet. */
  | "no_answer"
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
