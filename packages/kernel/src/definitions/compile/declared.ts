import type { DefinitionKind, DocumentNode, MapNode, Place } from "../document.ts";
import type { Report } from "../problem.ts";
import { MAX_TOOL_NAME, toolNameOf } from "../tool-name.ts";
import { ACTION_KEYS } from "./action/action.ts";
import { AGENT_KEYS } from "./agent.ts";
import { type Fields, readFields } from "./fields/fields.ts";
import { checkPlainName, checkRef } from "./fields/names.ts";
import { QUEUE_KEYS } from "./queue.ts";
import { RULE_KEYS } from "./rule.ts";
import { SENSOR_KEYS } from "./sensor.ts";
import { SOURCE_KEYS } from "./source.ts";
import { TASK_KEYS } from "./task.ts";
import { WORKFLOW_KEYS } from "./workflow/workflow.ts";

const KEYS: { readonly [K in DefinitionKind]: readonly string[] } = {
  action: ACTION_KEYS,
  workflow: WORKFLOW_KEYS,
  rule: RULE_KEYS,
  source: SOURCE_KEYS,
  queue: QUEUE_KEYS,
  agent: AGENT_KEYS,
  sensor: SENSOR_KEYS,
  task: TASK_KEYS,
};

/** A definition with its name read; it may still be broken inside. */
export interface Declared {
  readonly kind: DefinitionKind;
  /** Where the definition says none, which is reported, the one that its file has. */
  readonly name: string;
  readonly isNamed: boolean;
  readonly place: Place;
  readonly fields: Fields;
}

export function declare(
  kind: DefinitionKind,
  root: DocumentNode,
  pack: string | undefined,
  report: Report,
): Declared[] {
  const other = root.kind === "map" && !root.entries.has(kind) ? kindIn(root) : undefined;
  if (other !== undefined) {
    report(
      root.place,
      `${withArticle(other)} does not belong here`,
      `put it into the folder ${other}s`,
    );
    return [];
  }
  const fields = readFields(root, withArticle(kind), KEYS[kind], report);
  const name = fields?.requiredText(kind);
  if (fields === undefined) return [];
  const place = fields.get(kind)?.place ?? fields.place;
  if (name === undefined)
    return [{ kind, name: nameOfFile(place.file, kind, pack), isNamed: false, place, fields }];
  if (kind === "source" || kind === "queue") checkPlainName(name, kind, pack, place, report);
  else if (pack !== undefined) checkRef(name, pack, place, report);
  return [{ kind, name, isNamed: true, place, fields }];
}

function nameOfFile(file: string, kind: DefinitionKind, pack: string | undefined): string {
  const [, name = ""] = /([^/]+)\.yaml$/.exec(file) ?? [];
  return kind === "source" || kind === "queue" || pack === undefined ? name : `${pack}.${name}`;
}

/** What a file is that lacks the key of its folder's kind; an action has an `agent` too. */
function kindIn({ entries }: MapNode): DefinitionKind | undefined {
  const isAction = entries.has("runner");
  return (Object.keys(KEYS) as DefinitionKind[]).find(
    (kind) => entries.has(kind) && !(kind === "agent" && isAction),
  );
}

export function withArticle(kind: DefinitionKind): string {
  return kind === "action" || kind === "agent" ? `an ${kind}` : `a ${kind}`;
}

/** Actions and workflows share their names: both are what `run` and the API call. */
export function reportDuplicates(declared: readonly Declared[], report: Report): void {
  const first = new Map<string, Declared>();
  for (const one of declared.filter(({ isNamed }) => isNamed)) {
    const space = one.kind === "workflow" ? "action" : one.kind;
    const key = `${space} ${one.name}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, one);
    else {
      const { file, line } = other.place;
      report(one.place, `"${one.name}" is already defined at ${file}:${line}`);
    }
  }
}

/** What is called by its ref, and so has an input. */
export function isCalled({ kind }: Declared): boolean {
  return kind === "action" || kind === "workflow";
}

/** What people wrote of what is called, by ref. */
export function descriptionsOf(declared: readonly Declared[]): Map<string, string> {
  const written = declared
    .filter(isCalled)
    .map((one) => [one.name, one.fields.text("description")] as const);
  return new Map(written.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** What is called and says `as_tool: true`, by ref. A model chooses by the description, so there must be one. */
export function toolsOf(declared: readonly Declared[], report: Report): Set<string> {
  const tools = declared.filter((one) => isCalled(one) && one.fields.flag("as_tool") === true);
  for (const { kind, name, fields } of tools) {
    const tool = toolNameOf(name);
    if (tool.length > MAX_TOOL_NAME)
      report(
        fields.keyPlace("as_tool"),
        `as a tool it would be called ${tool}, which has ${tool.length} characters; clients take at most ${MAX_TOOL_NAME}`,
        `give the ${kind} a shorter name (${tool.length - MAX_TOOL_NAME} less), or leave as_tool out`,
      );
    if (!fields.has("description"))
      report(
        fields.keyPlace("as_tool"),
        "as_tool needs a description: whoever has the tool chooses it by that",
        "say in description what it does, and what comes back",
      );
  }
  return new Set(tools.map(({ name }) => name));
}
