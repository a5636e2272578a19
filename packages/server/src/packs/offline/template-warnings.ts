import type { DocumentNode, Problem, ScalarNode } from "@yardmaster/kernel";

/** What expressions see. Followed by a field it is meant as one: no shell and no other templates know such a name. */
const FIELD = String.raw`\s*(?:input|steps|vars|event|run|item)\s*[.[]`;
const SLIP = new RegExp(String.raw`(?<!\$)\{\{${FIELD}|\$\{${FIELD}`, "g");

/**
 * Texts that look like an expression of other systems, `{{ input.x }}` or `${input.x}`. They are sound, and stand as they
 * are: whoever meant an expression would see so from what comes out of a run.
 */
export function templateWarnings(roots: readonly DocumentNode[]): Problem[] {
  return roots.flatMap((root) => [...textsIn(root)].flatMap(slipsOf));
}

function* textsIn(node: DocumentNode): Generator<ScalarNode & { readonly value: string }> {
  if (node.kind === "list") for (const item of node.items) yield* textsIn(item);
  else if (node.kind === "map")
    for (const { value } of node.entries.values()) yield* textsIn(value);
  else if (typeof node.value === "string") yield { ...node, value: node.value };
}

function slipsOf(node: ScalarNode & { readonly value: string }): Problem[] {
  return [...node.value.matchAll(SLIP)].map(({ index, 0: found }) => ({
    ...node.inside(index),
    message: `"${found.startsWith("$") ? "${…}" : "{{…}}"}" is no expression: the text stays as it is`,
    hint: "an expression is written ${{ … }}",
  }));
}
