import { CORE_ACTIONS } from "../core-pack.ts";
import type { ActionDefinition, WorkflowDefinition } from "../definition.ts";
import type { DocumentNode, MapNode, Place } from "../document.ts";
import type { PackDefinition, QueueDefinition, RuleDefinition, SourceDefinition } from "../pack.ts";
import { createProblemList, type Problem, type ProblemList, type Report } from "../problem.ts";
import { ACTION_KEYS, readAction } from "./action.ts";
import { refuseCircles, refuseSharedLines, type WorkflowCall } from "./call-graph.ts";
import { type Fields, readFields } from "./fields.ts";
import { checkPackName, checkPlainName, checkRef } from "./names.ts";
import { QUEUE_KEYS, readQueue } from "./queue.ts";
import { RULE_KEYS, readRule } from "./rule.ts";
import { readInput } from "./schemas.ts";
import { readSource, SOURCE_KEYS } from "./source.ts";
import type { StepContext } from "./step.ts";
import { readWorkflow, WORKFLOW_KEYS } from "./workflow.ts";

export type DefinitionKind = "action" | "workflow" | "rule" | "source" | "queue";

/** One definition file. */
export interface DefinitionDocument {
  readonly kind: DefinitionKind;
  /** Absent where the file could not be parsed, which its reader has reported. */
  readonly root?: DocumentNode;
  /** The name that a file without a root most likely defines, so that its users are not blamed. */
  readonly likelyName?: string;
}

export interface PackDocuments {
  readonly digest: string;
  /** `pack.yaml`, where it could be parsed. */
  readonly manifest: DocumentNode | undefined;
  readonly definitions: readonly DefinitionDocument[];
  /** Paths of all files, from the pack's folder, with `/`. */
  readonly files: ReadonlySet<string>;
}

export interface CompiledPack {
  /** The name where pack.yaml could be read, even if something else is wrong. */
  readonly name?: string;
  /** Only what has no problem at all can be used. */
  readonly pack?: PackDefinition;
  readonly problems: readonly Problem[];
}

export const MANIFEST_KEYS = ["pack", "version", "description", "author", "license", "homepage"];
export const VERSION = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

const KEYS: { readonly [K in DefinitionKind]: readonly string[] } = {
  action: ACTION_KEYS,
  workflow: WORKFLOW_KEYS,
  rule: RULE_KEYS,
  source: SOURCE_KEYS,
  queue: QUEUE_KEYS,
};

/**
 * Compiles a pack and finds everything that is wrong with it at once. `problems` has what the reader of its files has
 * found already.
 */
export function compilePack(
  documents: PackDocuments,
  problems: ProblemList = createProblemList(),
): CompiledPack {
  const { report } = problems;
  const manifest = readManifest(documents.manifest, report);
  const name = manifest?.name;
  const declared = documents.definitions.flatMap(({ kind, root }) =>
    root === undefined ? [] : declare(kind, root, name, report),
  );
  const unique = dropDuplicates(declared, report);
  const compiled = compileAll(unique, documents, report);
  const found = problems.sorted();
  if (manifest === undefined || found.length > 0)
    return { problems: found, ...(name === undefined ? {} : { name }) };
  return {
    name: manifest.name,
    pack: { ...manifest, digest: documents.digest, ...compiled },
    problems: [],
  };
}

type Manifest = Pick<PackDefinition, "name" | "version" | "description">;

function readManifest(node: DocumentNode | undefined, report: Report): Manifest | undefined {
  const fields = node && readFields(node, "pack.yaml", MANIFEST_KEYS, report);
  const name = fields?.requiredText("pack");
  const version = fields?.requiredText("version");
  const description = fields?.text("description");
  if (fields === undefined || name === undefined) return undefined;
  if (!checkPackName(name, fields.get("pack")?.place ?? fields.place, report)) return undefined;
  if (version !== undefined && !VERSION.test(version)) {
    const place = fields.get("version")?.place ?? fields.place;
    report(place, `"${version}" is no version`, "write three numbers: 1.0.0");
  }
  return { name, version: version ?? "", ...(description === undefined ? {} : { description }) };
}

/** A definition with its name read; it may still be broken inside. */
interface Declared {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly place: Place;
  readonly fields: Fields;
}

function declare(
  kind: DefinitionKind,
  root: DocumentNode,
  pack: string | undefined,
  report: Report,
): Declared[] {
  const other = root.kind === "map" && !root.entries.has(kind) ? kindIn(root) : undefined;
  if (other !== undefined) {
    report(root.place, `a ${other} does not belong here`, `put it into the folder ${other}s`);
    return [];
  }
  const article = kind === "action" ? "an" : "a";
  const fields = readFields(root, `${article} ${kind}`, KEYS[kind], report);
  const name = fields?.requiredText(kind);
  if (fields === undefined || name === undefined) return [];
  const place = fields.get(kind)?.place ?? fields.place;
  if (kind === "source" || kind === "queue") checkPlainName(name, kind, pack, place, report);
  else if (pack !== undefined) checkRef(name, pack, place, report);
  return [{ kind, name, place, fields }];
}

function kindIn(root: MapNode): DefinitionKind | undefined {
  return (Object.keys(KEYS) as DefinitionKind[]).find((kind) => root.entries.has(kind));
}

/** Actions and workflows share their names: both are what `run` and the API call. */
function dropDuplicates(declared: readonly Declared[], report: Report): Declared[] {
  const first = new Map<string, Declared>();
  for (const one of declared) {
    const space = one.kind === "workflow" ? "action" : one.kind;
    const key = `${space} ${one.name}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, one);
    else {
      const { file, line } = other.place;
      report(one.place, `"${one.name}" is already defined at ${file}:${line}`);
    }
  }
  return [...first.values()];
}

type Compiled = Omit<PackDefinition, "name" | "version" | "description" | "digest">;

function compileAll(
  declared: readonly Declared[],
  documents: PackDocuments,
  report: Report,
): Compiled {
  const packDigest = documents.digest;
  const each = <T>(kind: DefinitionKind, read: (one: Declared) => T): Map<string, T> =>
    new Map(declared.filter((one) => one.kind === kind).map((one) => [one.name, read(one)]));
  const lost = (kind: DefinitionKind): [string, undefined][] =>
    documents.definitions.flatMap(({ root, likelyName, ...document }) =>
      root === undefined && likelyName !== undefined && document.kind === kind
        ? [[likelyName, undefined]]
        : [],
    );

  const ownQueues = each("queue", (one) => readQueue(one.name, one.fields, report));
  const queues = new Map([...lost("queue"), ...ownQueues]);
  const sources = each("source", (one) => readSource(one.name, one.fields, report));
  const actionContext = { packDigest, files: documents.files, queues };
  const ownActions = each("action", (one) =>
    readAction(one.name, one.fields, actionContext, report),
  );
  const actions = new Map([...CORE_ACTIONS, ...lost("action"), ...ownActions]);
  const inputs = each("workflow", (one) => readInput(one.fields, report));
  const callable = new Map([...lost("workflow"), ...inputs]);
  const graph = new Map<string, WorkflowCall[]>();
  const ownWorkflows = each("workflow", ({ name, fields }) => {
    const calls: WorkflowCall[] = [];
    graph.set(name, calls);
    const noteCall: StepContext["noteCall"] = (ref, place) => calls.push({ ref, place });
    const context = { actions, workflows: callable, noteCall, queues };
    return readWorkflow(name, fields, inputs.get(name), context, report);
  });
  refuseCircles(graph, report);
  refuseSharedLines(graph, ownWorkflows, queues, report);
  const workflows = new Map([...lost("workflow"), ...ownWorkflows]);
  const ruleContext = { packDigest, actions, workflows };
  const rules = each("rule", (one) => readRule(one.name, one.fields, ruleContext, report));
  return {
    queues: whole<QueueDefinition>(ownQueues),
    sources: whole<SourceDefinition>(sources),
    actions: new Map(whole<ActionDefinition>(ownActions).map((action) => [action.ref, action])),
    workflows: new Map(
      whole<WorkflowDefinition>(ownWorkflows).map((workflow) => [workflow.ref, workflow]),
    ),
    rules: whole<RuleDefinition>(rules),
    descriptions: descriptionsOf(declared),
  };
}

function whole<T>(read: ReadonlyMap<string, T | undefined>): T[] {
  return [...read.values()].filter((one) => one !== undefined) as T[];
}

function descriptionsOf(declared: readonly Declared[]): Map<string, string> {
  const called = declared.filter((one) => one.kind === "action" || one.kind === "workflow");
  const written = called.map((one) => [one.name, one.fields.text("description")] as const);
  return new Map(written.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
