import { fileURLToPath } from "node:url";
import { compileTemplate, type McpSpec } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import { setUp } from "../attempt.fixture.ts";
import type { AttemptContext } from "../runner.ts";
import { createMcpRunner, type McpRunnerOptions } from "./mcp.ts";

export const SERVER = fileURLToPath(new URL("server.fixture.mjs", import.meta.url));

export interface Given extends Partial<AttemptContext> {
  readonly server?: { readonly [name: string]: Json };
  readonly arguments?: Json;
  readonly spec?: Partial<McpSpec>;
}

/** Attempts that call a tool, of the server of the tests unless another is given. */
export function setUpMcp(options: McpRunnerOptions = {}) {
  const attempt = setUp();
  const runner = createMcpRunner({ graceMs: 300, http: { allow: ["127.0.0.1"] }, ...options });

  function call(tool: string, given: Given = {}) {
    const { server = {}, arguments: args, spec, ...context } = given;
    const types = { variables: { input: true, secrets: true } };
    const template = compileTemplate(
      { server: server as Json, ...(args === undefined ? {} : { arguments: args }) },
      types,
    );
    if (!template.ok) throw new Error(JSON.stringify(template.errors));
    const isThere = server["url"] !== undefined;
    return runner.run(
      {
        kind: "mcp",
        tool,
        ...(isThere ? {} : { command: [process.execPath, SERVER] }),
        request: template.value,
        ...spec,
      },
      attempt.context({ input: {}, ...context }),
    );
  }

  return { ...attempt, call };
}
