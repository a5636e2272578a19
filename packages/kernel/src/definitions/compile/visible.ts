import type { TypeEnvironment } from "../../expressions/index.ts";
import type { JsonSchema } from "../../schema/index.ts";
import type { DocumentNode, Place } from "../document.ts";

/** What the expressions of one place can see. */
export interface Visible {
  readonly types: TypeEnvironment;
  /** The same with every step of the workflow, of any type; only for telling why something is not visible. */
  readonly anyStep?: TypeEnvironment;
  /** Ids of steps that are there but not before this place. */
  readonly hidden: ReadonlySet<string>;
}

/** What a step promises to those after it. */
export interface StepTypes {
  readonly output: JsonSchema;
  readonly isForEach: boolean;
}

const TEXT = { type: "string" } as const;
const TIME = { type: "string", format: "date-time" } as const;

const RUN: JsonSchema = record({ id: TEXT, ref: TEXT, created_at: TIME });
const ERROR: JsonSchema = record({ code: TEXT, message: TEXT, details: true });

/** An event as rules see it; `data` is the sender's and may be anything. */
export const EVENT: JsonSchema = record({
  id: TEXT,
  source: TEXT,
  type: TEXT,
  subject: { type: ["string", "null"] },
  time: TIME,
  data: true,
});

export function record(properties: { readonly [name: string]: JsonSchema }): JsonSchema {
  return { type: "object", properties, additionalProperties: false };
}

/** `input` alone: what an action's own queue key sees. */
export function visibleInput(input: JsonSchema): Visible {
  return { types: { variables: { input } }, hidden: new Set() };
}

export function visibleEvent(): Visible {
  return { types: { variables: { event: EVENT } }, hidden: new Set() };
}

/** `input`, `run` and the steps `before`; `all` are the ids of every step. */
export function visibleSteps(
  input: JsonSchema,
  before: ReadonlyMap<string, StepTypes>,
  all: readonly string[],
): Visible {
  const steps = Object.fromEntries([...before].map(([id, types]) => [id, stepRecord(types)]));
  const hidden = new Set(all.filter((id) => !before.has(id)));
  const rest = Object.fromEntries([...hidden].map((id) => [id, true]));
  const types = { variables: { input, run: RUN, steps: record(steps) } };
  const anyStep = { variables: { input, run: RUN, steps: record({ ...steps, ...rest }) } };
  return hidden.size === 0 ? { types, hidden } : { types, anyStep, hidden };
}

/** With `item` and `index`, as inside a for_each. */
export function withItem(visible: Visible, item: JsonSchema): Visible {
  const add = (types: TypeEnvironment): TypeEnvironment => ({
    variables: { ...types.variables, item, index: { type: "integer" } },
  });
  const { anyStep } = visible;
  return {
    ...visible,
    types: add(visible.types),
    ...(anyStep === undefined ? {} : { anyStep: add(anyStep) }),
  };
}

/** The schema of the items of a plain path (`input.people`, `steps.each.output`); true where it cannot be told. */
export function itemSchema(source: string, visible: Visible): JsonSchema {
  const path = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(source.trim())
    ? source.trim().split(".")
    : [];
  let schema: unknown = { properties: visible.types.variables };
  for (const name of path) {
    const properties = (schema as { properties?: { [name: string]: unknown } } | null)?.properties;
    schema = Object.hasOwn(properties ?? {}, name) ? properties?.[name] : undefined;
  }
  const items = path.length > 0 ? (schema as { items?: JsonSchema } | undefined)?.items : undefined;
  return items ?? true;
}

interface Mention {
  readonly step: string;
  readonly place: Place;
}

/** Where the texts of a node speak of one of these steps. */
export function mentionsOf(node: DocumentNode, ids: ReadonlySet<string>): Mention[] {
  if (node.kind === "list") return node.items.flatMap((item) => mentionsOf(item, ids));
  if (node.kind === "map")
    return [...node.entries.values()].flatMap((entry) => mentionsOf(entry.value, ids));
  if (typeof node.value !== "string") return [];
  const mentions: Mention[] = [];
  for (const match of node.value.matchAll(/\bsteps\s*(?:\.\s*(\w+)|\[\s*["']([^"']+)["']\s*\])/g)) {
    const step = match[1] ?? match[2] ?? "";
    if (ids.has(step)) mentions.push({ step, place: node.inside(match.index) });
  }
  return mentions;
}

function stepRecord({ output, isForEach }: StepTypes): JsonSchema {
  const items = { type: "array", items: record({ status: TEXT, output: true, error: true }) };
  return record({
    status: TEXT,
    output: isForEach ? { type: "array", items: output } : output,
    error: ERROR,
    ...(isForEach ? { items } : {}),
  });
}
