import type { McpServer } from "@modelcontextprotocol/server";

export function officialServer(): McpServer;
