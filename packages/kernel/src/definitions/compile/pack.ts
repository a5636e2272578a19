import type { Validator } from "../../schema/index.ts";
import { CORE_ACTIONS } from "../core-pack.ts";
import type { WorkflowDefinition } from "../definition.ts";
import type { DefinitionDocument, DefinitionKind, DocumentNode } from "../document.ts";
import type {
  PackDefinition,
  QueueDefinition,
  RuleDefinition,
  SensorDefinition,
  SourceDefinition,
  TaskDefinition,
} from "../pack.ts";
import { createProblemList, type Problem, type ProblemList, type Report } from "../problem.ts";
import { readAction } from "./action/action.ts";
import { readProfile } from "./agent.ts";
import { refuseCircles, refuseSharedLines, type StepCall } from "./call-graph.ts";
import { actionCallee, type Callee, workflowCallee } from "./calls/callee.ts";
import {
  type Declared,
  declare,
  descriptionsOf,
  isCalled,
  reportDuplicates,
  toolsOf,
  withArticle,
} from "./declared.ts";
import { readInput } from "./fields/schemas.ts";
import type { InSteps } from "./in-steps.ts";
import { readManifest } from "./manifest.ts";
import { readQueue } from "./queue.ts";
import { readRule } from "./rule.ts";
import { readSensor, type SensorEvents } from "./sensor.ts";
import { reportSlips } from "./slips/slips.ts";
import { readSource } from "./source.ts";
import { readTask } from "./task.ts";
import type { StepContext } from "./workflow/step.ts";
import { readWorkflow } from "./workflow/workflow.ts";

export interface PackDocuments {
  readonly digest: string;
  /** `pack.yaml`, where it could be parsed. */
  readonly manifest: DocumentNode | undefined;
  readonly definitions: readonly DefinitionDocument[];
  /** It is stored, and runs may depend on it: a build that knew less of what is never meant has taken it. */
  readonly isStored: boolean;
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

/**
 * Compiles a pack, at most a definition or a step of a workflow at a time, and finds everything that is wrong with it at once. `problems` has what the
 * reader of its files has found already.
 */
export function* compilePack(
  documents: PackDocuments,
  problems: ProblemList = createProblemList(),
): InSteps<CompiledPack> {
  const { report } = problems;
  const manifest = readManifest(documents.manifest, report);
  const name = manifest?.name;
  const declared = documents.definitions.flatMap(({ kind, root }) =>
    root === undefined ? [] : declare(kind, root, name, report),
  );
  reportDuplicates(declared, report);
  const reportSlip: Report = documents.isStored ? () => {} : report;
  for (const definition of documents.definitions) reportSlips(definition, reportSlip);
  const compiled = yield* compileAll(declared, documents, report, reportSlip);
  const found = problems.sorted();
  if (manifest === undefined || found.length > 0)
    return { problems: found, ...(name === undefined ? {} : { name }) };
  return {
    name: manifest.name,
    pack: { ...manifest, digest: documents.digest, ...compiled },
    problems: [],
  };
}

type Compiled = Omit<PackDefinition, "name" | "version" | "description" | "digest">;

function* compileAll(
  declared: readonly Declared[],
  documents: PackDocuments,
  report: Report,
  reportSlip: Report,
): InSteps<Compiled> {
  const packDigest = documents.digest;
  /** Of two with one name, which is reported, both are read, and the first one counts. */
  function* eachInSteps<T>(
    kind: DefinitionKind,
    read: (one: Declared) => InSteps<T>,
  ): InSteps<Map<string, T>> {
    const found = new Map<string, T>();
    for (const one of declared.filter((other) => other.kind === kind)) {
      const made = yield* read(one);
      if (!found.has(one.name)) found.set(one.name, made);
    }
    return found;
  }
  const each = <T>(kind: DefinitionKind, read: (one: Declared) => T): InSteps<Map<string, T>> =>
    eachInSteps(kind, function* (one) {
      const made = read(one);
      yield;
      return made;
    });
  const lost = <T>(kind: DefinitionKind, make: (name: string) => T): [string, T][] =>
    documents.definitions.flatMap(({ root, likelyName, ...document }) =>
      root === undefined && likelyName !== undefined && document.kind === kind
        ? [[likelyName, make(likelyName)]]
        : [],
    );
  const unknown = (ref: string): Callee => ({ ref, output: true });

  const ownQueues = yield* each("queue", (one) => readQueue(one.name, one.fields, report));
  const queues = new Map([...lost("queue", () => undefined), ...ownQueues]);
  const ownAgents = yield* each("agent", (one) =>
    readProfile(one.fields, withArticle("agent"), report),
  );
  const profiles = new Map([...lost("agent", () => undefined), ...ownAgents]);
  const sources = yield* each("source", (one) => readSource(one.name, one.fields, report));
  const inputs = new Map<Declared, Validator | undefined>();
  for (const one of declared.filter(isCalled)) {
    inputs.set(one, readInput(one.fields, report));
    yield;
  }
  const actionContext = { packDigest, files: documents.files, queues, profiles, reportSlip };
  const ownActions = yield* each("action", (one) =>
    readAction(one.name, one.fields, inputs.get(one), actionContext, report),
  );
  const callees = new Map<string, Callee>([
    ...[...CORE_ACTIONS.values()].map((action) => [action.ref, actionCallee(action)] as const),
    ...lost("action", unknown),
    ...ownActions,
    ...lost("workflow", unknown),
    ...(yield* each("workflow", (one) => workflowCallee(one.name, inputs.get(one)))),
  ]);
  const graph = new Map<string, StepCall[]>();
  const ownWorkflows = yield* eachInSteps("workflow", (one) => {
    const calls = graph.get(one.name) ?? [];
    graph.set(one.name, calls);
    const noteCall: StepContext["noteCall"] = (ref, place) => calls.push({ ref, place });
    const context = { callees, noteCall, queues, reportSlip };
    return readWorkflow(one.name, one.fields, inputs.get(one), context, report);
  });
  refuseCircles(graph, report);
  refuseSharedLines(graph, ownWorkflows, queues, report);
  const events: SensorEvents = new Map();
  const sensors = yield* each("sensor", (one) => {
    const pack = one.name.slice(0, Math.max(one.name.indexOf("."), 0));
    const context = { pack, packDigest, files: documents.files, events };
    return readSensor(one.name, one.fields, context, report);
  });
  const rules = yield* each("rule", (one) =>
    readRule(one.name, one.fields, { packDigest, callees, events, reportSlip }, report),
  );
  const tasks = yield* each("task", (one) =>
    readTask(one.name, one.fields, { packDigest, callees, reportSlip }, report),
  );
  return {
    queues: whole<QueueDefinition>(ownQueues),
    sources: whole<SourceDefinition>(sources),
    agents: [...ownAgents.keys()],
    actions: new Map(
      [...ownActions].flatMap(([ref, { action }]) => (action === undefined ? [] : [[ref, action]])),
    ),
    workflows: new Map(
      whole<WorkflowDefinition>(ownWorkflows).map((workflow) => [workflow.ref, workflow]),
    ),
    rules: whole<RuleDefinition>(rules),
    sensors: whole<SensorDefinition>(sensors),
    tasks: whole<TaskDefinition>(tasks),
    descriptions: descriptionsOf(declared),
    tools: toolsOf(declared, report),
  };
}

function whole<T>(read: ReadonlyMap<string, T | undefined>): T[] {
  return [...read.values()].filter((one) => one !== undefined) as T[];
}
