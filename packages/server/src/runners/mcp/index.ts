/** Carries out actions with `runner: mcp`: one call of one tool, whose server is started for it, or is at an address. */
export { createMcpRunner } from "./mcp.ts";
