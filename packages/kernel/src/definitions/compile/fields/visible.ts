import type { TypeEnvironment } from "../../../expressions/index.ts";
import type { JsonSchema } from "../../../schema/index.ts";
import type { DocumentNode, Place } from "../../document.ts";

/** What the expressions of one place can see. */
export interface Visible {
  readonly types: TypeEnvironment;
  /** The same with every step and variable of the workflow, of any type; only for telling why something is not visible. */
  readonly anyStep?: TypeEnvironment;
  /** What is there but not before this place: `steps.<id>` or `vars.<name>`, with the step that gives it. */
  readonly hidden: ReadonlyMap<string, string>;
  /** Whether a step comes after this place, which then cannot wait for it. */
  readonly comesAfter?: (step: string) => boolean;
  /** The step that this place belongs to; `output` where its result is visible under that name. */
  readonly own?: { readonly id: string; readonly sees?: "output" };
}

/** What a step promises to those after it. */
export interface StepTypes {
  readonly output: JsonSchema;
  readonly isForEach: boolean;
  /** A success hands files back. */
  readonly hasFiles: boolean;
}

const TEXT = { type: "string" } as const;
const TIME = { type: "string", format: "date-time" } as const;

const FILES: JsonSchema = {
  type: "array",
  items: record({ path: TEXT, bytes: { type: "integer" }, sha256: TEXT, mode: TEXT }),
};
const ERROR: JsonSchema = record({ code: TEXT, message: TEXT, details: true });
const FACTS = { id: TEXT, ref: TEXT, created_at: TIME };
const RUN: JsonSchema = record(FACTS);
/** The run to its cleanup: it is decided how it ends. */
const ENDING_RUN: JsonSchema = record({ ...FACTS, status: TEXT, error: ERROR });

/** An event as rules see it. */
function eventWith(data: JsonSchema): JsonSchema {
  const subject = { type: ["string", "null"] };
  const extensions = { type: "object" };
  return record({ id: TEXT, source: TEXT, type: TEXT, subject, time: TIME, extensions, data });
}

export function record(properties: { readonly [name: string]: JsonSchema }): JsonSchema {
  return { type: "object", properties, additionalProperties: false };
}

/** `input` alone: what an action's own queue key sees. */
export function visibleInput(input: JsonSchema): Visible {
  return { types: { variables: { input } }, hidden: new Map() };
}

/** `error` alone: what says which failures are tried again. */
export const VISIBLE_ERROR: Visible = {
  types: { variables: { error: ERROR } },
  hidden: new Map(),
};

/** `data` is the sender's and may be anything, unless a sensor has declared it. */
export function visibleEvent(data: JsonSchema = true): Visible {
  return { types: { variables: { event: eventWith(data) } }, hidden: new Map() };
}

/** What the initial variables of a workflow see. */
export function visibleAtStart(input: JsonSchema): Visible {
  return { types: { variables: { input, run: RUN } }, hidden: new Map() };
}

/** What a place in a workflow can know of. */
export interface Known {
  readonly input: JsonSchema;
  /** The steps before the place. */
  readonly before: ReadonlyMap<string, StepTypes>;
  /** The variables that they leave. */
  readonly vars: { readonly [name: string]: JsonSchema };
  /** Everything else that the workflow has, with the step that gives it. */
  readonly hidden: ReadonlyMap<string, string>;
  /** Whether it is decided how the run ends: in its cleanup. */
  readonly isEnding: boolean;
}

/** `input`, `run`, `vars` and `steps`. */
export function visibleSteps({ input, before, vars, hidden, isEnding }: Known): Visible {
  const steps = Object.fromEntries([...before].map(([id, types]) => [id, stepRecord(types)]));
  const run = isEnding ? ENDING_RUN : RUN;
  const types = { variables: { input, run, vars: record(vars), steps: record(steps) } };
  if (hidden.size === 0) return { types, hidden };
  const rest = (word: string): { [name: string]: JsonSchema } =>
    Object.fromEntries(
      [...hidden.keys()].flatMap((path) =>
        path.startsWith(`${word}.`) ? [[path.slice(word.length + 1), true]] : [],
      ),
    );
  const all = {
    vars: record({ ...vars, ...rest("vars") }),
    steps: record({ ...steps, ...rest("steps") }),
  };
  return { types, anyStep: { variables: { input, run, ...all } }, hidden };
}

/** Inside a repeat: `round`, and the step itself, with its latest output. */
export function withRound(visible: Visible, id: string, output: JsonSchema): Visible {
  const own = record({ status: TEXT, output });
  const hidden = new Map([...visible.hidden].filter(([path]) => path !== `steps.${id}`));
  return extended({ ...visible, hidden }, ({ steps, ...others }) => ({
    ...others,
    round: { type: "integer" },
    steps: withProperty(steps ?? record({}), id, own),
  }));
}

/** What undoes a success sees its `output` beside what it saw itself. */
export function withOutput(visible: Visible, output: JsonSchema): Visible {
  const { own } = visible;
  const seen = extended(visible, (variables) => ({ ...variables, output }));
  return own === undefined ? seen : { ...seen, own: { ...own, sees: "output" } };
}

function withProperty(schema: JsonSchema, name: string, value: JsonSchema): JsonSchema {
  const { properties } = schema as { properties: { [name: string]: JsonSchema } };
  return record({ ...properties, [name]: value });
}

type Variables = TypeEnvironment["variables"];

function extended(visible: Visible, extend: (variables: Variables) => Variables): Visible {
  const { anyStep } = visible;
  return {
    ...visible,
    types: { variables: extend(visible.types.variables) },
    ...(anyStep === undefined ? {} : { anyStep: { variables: extend(anyStep.variables) } }),
  };
}

/** With `item` and `index`, as inside a for_each. */
export function withItem(visible: Visible, item: JsonSchema): Visible {
  return extended(visible, (variables) => ({ ...variables, item, index: { type: "integer" } }));
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
  /** `steps.<id>` or `vars.<name>`. */
  readonly path: string;
  readonly place: Place;
}

/** Where the texts of a node speak of one of these. */
export function mentionsOf(node: DocumentNode, paths: ReadonlyMap<string, string>): Mention[] {
  if (node.kind === "list") return node.items.flatMap((item) => mentionsOf(item, paths));
  if (node.kind === "map")
    return [...node.entries.values()].flatMap((entry) => mentionsOf(entry.value, paths));
  if (typeof node.value !== "string") return [];
  const mentions: Mention[] = [];
  for (const match of node.value.matchAll(MENTION)) {
    const path = `${match[1]}.${match[2] ?? match[3]}`;
    if (paths.has(path)) mentions.push({ path, place: node.inside(match.index) });
  }
  return mentions;
}

const MENTION = /\b(steps|vars)\s*(?:\.\s*(\w+)|\[\s*["']([^"']+)["']\s*\])/g;

function stepRecord({ output, isForEach, hasFiles }: StepTypes): JsonSchema {
  const items = { type: "array", items: record({ status: TEXT, output: true, error: true }) };
  return record({
    status: TEXT,
    output: isForEach ? { type: "array", items: output } : output,
    error: ERROR,
    ...(isForEach ? { items } : {}),
    ...(hasFiles ? { files: isForEach ? { type: "array", items: FILES } : FILES } : {}),
  });
}
