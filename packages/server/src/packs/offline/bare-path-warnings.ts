import type { DocumentNode, MapNode, Problem, ScalarNode } from "@yardmaster/kernel";

/** Here an expression stands bare, or a text is prose or a program. */
const NO_TEMPLATES: ReadonlySet<string> = new Set([
  "if",
  "for_each",
  "until",
  "description",
  "script",
]);
const PATH = /^(input|vars|steps|run|event|item)((?:\.[A-Za-z_]\w*|\[[^\]]*\]|\(.*\))+)$/s;
const RUN_FIELDS = ["id", "ref", "created_at", "status", "error"];
const EVENT_FIELDS = ["id", "source", "type", "subject", "time", "extensions", "data"];
const MAX_SHOWN = 60;

/**
 * Texts that are, as a whole, the way to something that is there, such as `key: input.repository`: sound, and the same
 * for every run. What is not declared (`input.txt`) is a text like any other.
 */
export function barePathWarnings(roots: readonly DocumentNode[]): Problem[] {
  return roots.flatMap((root) => (root.kind === "map" ? warningsOf(root, declaredIn(root)) : []));
}

type Declared = ReadonlyMap<string, ReadonlySet<string> | "anything">;

function declaredIn(root: MapNode): Declared {
  const steps = ["steps", "on_failure", "finally"].flatMap((list) => itemsOf(child(root, list)));
  const loops = steps.some((step) => child(step, "for_each") !== undefined);
  return new Map<string, ReadonlySet<string> | "anything">([
    [
      "input",
      new Set([
        ...namesOf(child(root, "input")),
        ...namesOf(child(child(root, "input_schema"), "properties")),
      ]),
    ],
    [
      "vars",
      new Set([
        ...namesOf(child(root, "vars")),
        ...steps.flatMap((step) => textOf(child(step, "save_as"))),
      ]),
    ],
    ["steps", new Set(steps.flatMap((step) => textOf(child(step, "id"))))],
    ["run", new Set(steps.length > 0 ? RUN_FIELDS : [])],
    ["event", new Set(root.entries.has("rule") ? EVENT_FIELDS : [])],
    ["item", loops ? "anything" : new Set<string>()],
  ]);
}

function warningsOf(node: DocumentNode, declared: Declared): Problem[] {
  if (node.kind === "list") return node.items.flatMap((item) => warningsOf(item, declared));
  if (node.kind === "map")
    return [...node.entries].flatMap(([key, { value }]) =>
      NO_TEMPLATES.has(key) ? [] : warningsOf(value, declared),
    );
  return isPath(node, declared) ? [warningOf(node)] : [];
}

function isPath({ value }: ScalarNode, declared: Declared): boolean {
  const [, variable, rest] = (typeof value === "string" ? PATH.exec(value.trim()) : null) ?? [];
  const fields = declared.get(variable ?? "");
  const [, field] = /^\.(\w+)/.exec(rest ?? "") ?? [];
  return fields === "anything" || (field !== undefined && fields?.has(field) === true);
}

function warningOf({ value, place }: ScalarNode): Problem {
  const text = String(value).trim();
  const shown = text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
  return {
    ...place,
    message: `"${shown}" is no expression here: the text stays as it is`,
    hint: `to have its value, write \${{ ${shown} }}`,
  };
}

function child(node: DocumentNode | undefined, key: string): DocumentNode | undefined {
  return node?.kind === "map" ? node.entries.get(key)?.value : undefined;
}

function itemsOf(node: DocumentNode | undefined): readonly DocumentNode[] {
  return node?.kind === "list" ? node.items : [];
}

function namesOf(node: DocumentNode | undefined): readonly string[] {
  return node?.kind === "map" ? [...node.entries.keys()] : [];
}

function textOf(node: DocumentNode | undefined): readonly string[] {
  return node?.kind === "scalar" && typeof node.value === "string" ? [node.value] : [];
}
