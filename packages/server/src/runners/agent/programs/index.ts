import type { AgentKind } from "@yardmaster/kernel";
import { CLAUDE } from "./claude.ts";
import { CODEX } from "./codex.ts";
import type { AgentProgram } from "./program.types.ts";

/** The programs of the agents that an action may name. */
export const PROGRAMS: { readonly [K in AgentKind]: AgentProgram } = {
  claude: CLAUDE,
  codex: CODEX,
};
