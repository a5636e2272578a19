import { type ApiFeatures, apiRoutes } from "../composition/index.ts";
import { type Route, withOwnRoutes } from "../http/index.ts";
import { fixedTools, mcpRoutes, type Tool } from "../mcp/index.ts";
import { VERSION } from "../version.ts";

const never = (): never => {
  throw new Error("a description is not served (r3f1)");
};

/** Every documented route of the server, described over features that do not exist: nothing here is ever called. */
export function everyRoute(): Route[] {
  const tools = mcpRoutes({
    ...{ routes: [], newId: never, inject: never, onError: never, version: VERSION },
    engine: { waitForEnd: never },
    packs: { active: never, onChange: never },
  });
  const own = { ready: never, status: never, version: VERSION };
  return withOwnRoutes([...describedRoutes(), ...tools], own);
}

/** The tools of `/mcp` that are there whatever packs are loaded. */
export function everyTool(): readonly Tool[] {
  return fixedTools(describedRoutes(), never);
}

/** Those of the features. */
export function describedRoutes(): Route[] {
  const nothing = {
    engine: {},
    stepFiles: {},
    packs: {},
    rules: {},
    inbox: {},
    events: {},
    trials: {},
    replays: {},
    queues: {},
    sensors: {},
    secrets: {},
    inquiries: {},
    tasks: {},
    trackers: {},
    work: {},
    doctor: {},
    auth: {},
    metrics: {},
    nodes: {},
    audit: {},
  } satisfies Record<keyof ApiFeatures, object>;
  return apiRoutes(nothing as unknown as ApiFeatures);
}
