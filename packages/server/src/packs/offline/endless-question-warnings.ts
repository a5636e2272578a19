import type { DocumentNode, MapNode, Problem } from "@yardmaster/kernel";

/** Questions of a `finally` that wait without end: what is in one is not canceled, so only an answer ends the run. */
export function endlessQuestionWarnings(roots: readonly DocumentNode[]): Problem[] {
  return roots.flatMap((root) => {
    const steps = child(root, "finally");
    return steps?.kind === "list" ? steps.items.filter(isMap).flatMap(warningsOf) : [];
  });
}

function warningsOf(step: MapNode): Problem[] {
  const uses = child(step, "uses");
  if (uses?.kind !== "scalar" || uses.value !== "core.ask") return [];
  if (child(child(step, "with"), "timeout") !== undefined) return [];
  return [
    {
      ...uses.place,
      message:
        "a question in finally without a timeout: its run cannot be canceled, and ends once somebody answers",
      hint: "add timeout: 1h to its with",
    },
  ];
}

function isMap(node: DocumentNode): node is MapNode {
  return node.kind === "map";
}

function child(node: DocumentNode | undefined, key: string): DocumentNode | undefined {
  return node?.kind === "map" ? node.entries.get(key)?.value : undefined;
}
