export { type McpDeps, mcpRoutes } from "./mcp.ts";
export type { Tool } from "./tools/tool.ts";
export { fixedTools } from "./tools/tools.ts";
