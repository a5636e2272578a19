import { basename } from "node:path";
import type { AgentKind, AgentProfile } from "@yardmaster/kernel";
import { CLAUDE } from "./claude.ts";
import { CODEX } from "./codex.ts";
import type { AgentProgram } from "./program.types.ts";

/** Agents that are asked once, and print what they do; with the others a protocol is spoken. */
export type PrintingKind = Exclude<AgentKind, "acp">;

/** Their programs. */
export const PROGRAMS: { readonly [K in PrintingKind]: AgentProgram } = {
  claude: CLAUDE,
  codex: CODEX,
};

export interface AgentName {
  /** As messages call it. */
  readonly title: string;
  /** How its program comes onto a machine. */
  readonly install: string;
  readonly logIn: string;
}

export function nameOf({ kind, command }: AgentProfile): AgentName {
  if (kind === "acp") {
    const name = basename(command[0] ?? "");
    return { title: `The agent ${name}`, install: "Install it there", logIn: "Log it in" };
  }
  const { title, install } = PROGRAMS[kind];
  return { title, install, logIn: `Log ${kind} in` };
}

/** The variable in which its program takes the key of its provider; of others than these the profile says it. */
export function keyVariableOf({ kind, keyVariable }: AgentProfile): string | undefined {
  return kind === "acp" ? keyVariable : PROGRAMS[kind].keyVariable;
}
