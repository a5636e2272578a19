import { type DocumentNode, nodeAt, type Problem, SOURCE_KINDS } from "@yardmaster/kernel";

/**
 * Rules on a type that no webhook has: the types of those begin with the kind of their source. It may be sent over the
 * API all the same.
 */
export function eventTypeWarnings(roots: readonly DocumentNode[]): Problem[] {
  return roots.flatMap((root) => {
    if (root.kind !== "map" || !root.entries.has("rule")) return [];
    const on = nodeAt(root, ["on"]);
    if (on.kind !== "scalar" || typeof on.value !== "string" || /[.*]/.test(on.value)) return [];
    return [{ ...on.place, ...flawOf(on.value) }];
  });
}

function flawOf(type: string): Pick<Problem, "message" | "hint"> {
  if (SOURCE_KINDS.some((kind) => kind === type))
    return {
      message: `"${type}" is the kind of a source: its webhooks have types such as ${type}.push`,
      hint: `write ${type}.* for all of them`,
    };
  return {
    message: `no webhook is of type "${type}": their types begin with the kind of their source`,
    hint: `write for example gitea.${type} or github.${type}; only events sent over the API are "${type}"`,
  };
}
