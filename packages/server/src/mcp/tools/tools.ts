import { queryOf, type Route, takesKey } from "../../http/index.ts";
import { ROUTE_TOOLS } from "./catalogue.ts";
import { publishEventTool } from "./event-tool.ts";
import { explainTool } from "./explain-tool.ts";
import { routeTool } from "./route-tool.ts";
import { getRunTool, startRunTool } from "./run-tools.ts";
import type { Tool } from "./tool.ts";
import type { WaitForEnd } from "./wait-for-run.ts";

/** The tools that are there whatever is loaded: those of their own, and those that are routes. */
export function fixedTools(routes: readonly Route[], waitForEnd: WaitForEnd): readonly Tool[] {
  const byName = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  return [
    startRunTool(waitForEnd),
    getRunTool(waitForEnd),
    explainTool(),
    publishEventTool(),
    ...ROUTE_TOOLS.map((spec) => {
      const route = byName.get(spec.route);
      if (route === undefined) throw new Error(`${spec.name} is of no route (m7t5)`);
      return routeTool(spec, { route, query: queryOf(route), isKeyed: takesKey(route) });
    }),
  ];
}
