/** How a run was asked for, where that was not by the API itself. */
export const ORIGIN_HEADER = "yard-origin";
export const MCP_ORIGIN = "mcp";
