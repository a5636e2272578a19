import type { AgentProfile, AgentRequest, JsonSchema } from "@yardmaster/kernel";
import type { JsonObject } from "@yardmaster/protocol";
import type { AgentEvent } from "../agent-event.ts";

/** What a program is started with; its prompt comes on stdin. */
export interface ProgramCall {
  readonly args: readonly string[];
  /** The schema of its answer, where it wants a file that the last of its arguments name. */
  readonly schema?: { readonly flag: string; readonly text: string };
}

/** One agent's program: how it is asked, and what it says. */
export interface AgentProgram {
  /** As messages call the agent. */
  readonly title: string;
  /** How its program comes onto a machine. */
  readonly install: string;
  /** The variable in which it takes the key of its provider. */
  readonly keyVariable: string;
  call(profile: AgentProfile, request: AgentRequest, answer: JsonSchema | undefined): ProgramCall;
  /** Reads the lines of one attempt, in their order. A line that says nothing here gives no event. */
  reader(answer: JsonSchema | undefined): (line: JsonObject) => readonly AgentEvent[];
}
