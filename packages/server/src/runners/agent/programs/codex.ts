import type { AgentProfile, AgentRequest, JsonSchema } from "@yardmaster/kernel";
import { readCodex } from "./codex-lines.ts";
import type { AgentProgram, ProgramCall } from "./program.types.ts";
import { strictSchema } from "./strict-schema.ts";

/** Given as settings: `exec resume` has no --sandbox. */
const PERMISSIONS: { readonly [P in AgentProfile["permissions"]]: readonly string[] } = {
  read: ["-c", 'sandbox_mode="read-only"', "-c", 'approval_policy="never"'],
  edit: ["-c", 'sandbox_mode="workspace-write"', "-c", 'approval_policy="never"'],
  all: ["--dangerously-bypass-approvals-and-sandbox"],
};

function call(
  profile: AgentProfile,
  request: AgentRequest,
  answer: JsonSchema | undefined,
): ProgramCall {
  const model = request.model ?? profile.model;
  const args = [
    "exec",
    ...(request.session === undefined ? [] : ["resume", request.session]),
    ...["--json", "--skip-git-repo-check"],
    ...PERMISSIONS[profile.permissions],
    ...(model === undefined ? [] : ["--model", model]),
    ...(profile.args ?? []),
    "-",
  ];
  if (answer === undefined) return { args };
  const text = JSON.stringify(strictSchema(answer));
  return { args, schema: { flag: "--output-schema", text } };
}

/** Codex 0.1xx, headless: `codex exec --json`. */
export const CODEX: AgentProgram = {
  title: "Codex",
  install: "Install Codex there (npm install -g @openai/codex)",
  keyVariable: "CODEX_API_KEY",
  call,
  reader: readCodex,
};
