import type { Run } from "@yardmaster/protocol";
import type { RunningEngine } from "../engine/index.ts";
import type { Route } from "../http/index.ts";
import type { Packs } from "../packs/index.ts";
import type { Inject } from "./api-call.ts";
import { createMcpRoutes } from "./mcp.routes.ts";
import { createOpenCalls } from "./open-calls.ts";
import type { McpServing } from "./serve-mcp.ts";
import { createToolbox } from "./toolbox.ts";
import { loadedTools } from "./tools/loaded-tools.ts";
import { fixedTools } from "./tools/tools.ts";
import type { WaitForEnd } from "./tools/wait-for-run.ts";

export interface McpDeps {
  readonly engine: Pick<RunningEngine, "waitForEnd">;
  readonly packs: Pick<Packs, "active" | "onChange">;
  /** Those of the API, which the tools ask. */
  readonly routes: readonly Route[];
  readonly inject: Inject;
  readonly newId: () => string;
  readonly version: string;
  readonly onError: (error: Error) => void;
}

/** The API as tools: nothing here does anything but by asking the API as whoever calls would. */
export function mcpRoutes(deps: McpDeps): Route[] {
  const openCalls = createOpenCalls();
  const waitForEnd: WaitForEnd = async (id, withinMs, signal) =>
    (await deps.engine.waitForEnd(id, withinMs, signal)) as Run | undefined;
  let loading: Promise<McpServing> | undefined;

  async function load(): Promise<McpServing> {
    const { createMcpServing } = await import("./serve-mcp.ts");
    const toolbox = createToolbox(
      fixedTools(deps.routes, waitForEnd),
      loadedTools(deps.packs, waitForEnd),
    );
    const { version, onError } = deps;
    const serving = createMcpServing({ toolbox, openCalls, version, onError });
    deps.packs.onChange(serving.toolsChanged);
    return serving;
  }

  return createMcpRoutes({
    openCalls,
    inject: deps.inject,
    newId: deps.newId,
    onToolsChanged: deps.packs.onChange,
    serving: () => (loading ??= load()),
  });
}
