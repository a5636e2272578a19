import type { AgentProfile, AgentRequest, JsonSchema } from "@yardmaster/kernel";
import { readClaude } from "./claude-lines.ts";
import { draft7Schema } from "./draft-7-schema.ts";
import type { AgentProgram, ProgramCall } from "./program.types.ts";

/**
 * The settings of a folder name programs that it starts (hooks, MCP servers), and with --print nobody is asked whether
 * the folder is trusted: whoever wrote a branch that is only to be read would run what they like.
 */
const OWN_SETTINGS = ["--setting-sources", "user"];

/** What it may do unasked. With --print nobody is asked: what it may not do is refused. */
const PERMISSIONS: { readonly [P in AgentProfile["permissions"]]: readonly string[] } = {
  read: [...OWN_SETTINGS, "--permission-mode", "dontAsk", "--allowedTools", "Read,Glob,Grep"],
  edit: [...OWN_SETTINGS, "--permission-mode", "acceptEdits"],
  all: ["--dangerously-skip-permissions"],
};

function call(
  profile: AgentProfile,
  request: AgentRequest,
  answer: JsonSchema | undefined,
): ProgramCall {
  const model = request.model ?? profile.model;
  const { turns, costUsd, permissions, args = [] } = profile;
  return {
    args: [
      ...["--print", "--output-format", "stream-json", "--verbose"],
      ...PERMISSIONS[permissions],
      ...(model === undefined ? [] : ["--model", model]),
      ...(turns === undefined ? [] : ["--max-turns", String(turns)]),
      ...(costUsd === undefined ? [] : ["--max-budget-usd", String(costUsd)]),
      ...(request.session === undefined ? [] : ["--resume", request.session]),
      ...(answer === undefined ? [] : ["--json-schema", JSON.stringify(draft7Schema(answer))]),
      ...args,
    ],
  };
}

/** Claude Code 2.1, headless: `claude --print --output-format stream-json`. */
export const CLAUDE: AgentProgram = {
  title: "Claude",
  install: "Install Claude Code there (npm install -g @anthropic-ai/claude-code)",
  keyVariable: "ANTHROPIC_API_KEY",
  call,
  reader: readClaude,
};
