// A server made with the official package, on stdin and stdout.
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

export function officialServer() {
  const server = new McpServer(
    { name: "official", version: "1.0.0" },
    { capabilities: { logging: {} } },
  );
  server.registerTool(
    "add",
    {
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
    },
    async ({ a, b }) => ({
      content: [{ type: "text", text: String(a + b) }],
      structuredContent: { sum: a + b },
    }),
  );
  server.registerTool("slow", { inputSchema: z.object({}) }, async (_, { mcpReq }) => {
    process.stderr.write("slow has begun\n");
    await new Promise((resolve) => mcpReq.signal.addEventListener("abort", resolve));
    process.stderr.write("slow was canceled\n");
    return { content: [] };
  });
  return server;
}

// It goes by itself when its stdin is closed.
if (process.argv[2] === "stdio")
  serveStdio(officialServer, process.argv[3] === "strict" ? { legacy: "reject" } : {});
