import type { Packs } from "../../packs/index.ts";
import { definitionTool } from "./definition-tools.ts";
import type { Tool } from "./tool.ts";
import type { WaitForEnd } from "./wait-for-run.ts";

/** The tools of the active packs, as they are when it is called. */
export function loadedTools(
  packs: Pick<Packs, "active">,
  waitForEnd: WaitForEnd,
): () => readonly Tool[] {
  return () =>
    packs.active().flatMap(({ definition: { actions, workflows, tools, descriptions } }) =>
      [...tools].flatMap((ref) => {
        const definition = actions.get(ref) ?? workflows.get(ref);
        if (definition === undefined) return [];
        const kind = actions.has(ref) ? ("action" as const) : ("workflow" as const);
        const description = descriptions.get(ref);
        const inputSchema = definition.input.schema;
        return [definitionTool({ ref, kind, description, inputSchema }, waitForEnd)];
      }),
    );
}
