/** Carries out actions with `runner: agent`: coding agents, headless, by their own programs. */
export { type AgentRunnerDeps, createAgentRunner } from "./agent.ts";
