import {
  actionAsWorkflow,
  CORE_ACTIONS,
  type QueueDefinition,
  type SensorDefinition,
  type TaskDefinition,
} from "@yardmaster/kernel";
import type { PinnedWorkflow } from "../../engine/index.ts";
import type { ActivePack, CompiledRule, PackSource, RuleSet } from "../packs.types.ts";
import { calledWorkflow } from "./called-workflow.ts";

/** Everything that is in force at one revision, arranged for looking up. Never changed: a new one takes its place. */
export interface ActiveDefinitions {
  readonly packs: readonly ActivePack[];
  readonly refs: ReadonlyMap<string, PinnedWorkflow>;
  readonly rules: RuleSet;
  readonly sources: readonly PackSource[];
  readonly queues: readonly QueueDefinition[];
  readonly sensors: readonly SensorDefinition[];
  readonly tasks: readonly TaskDefinition[];
}

const CORE_REFS: readonly (readonly [string, PinnedWorkflow])[] = [...CORE_ACTIONS.values()].map(
  (action) => [action.ref, { workflow: actionAsWorkflow(action), packDigest: null }],
);

export function arrange(revision: number, packs: readonly ActivePack[]): ActiveDefinitions {
  const definitions = packs.map((pack) => pack.definition);
  const refs = new Map<string, PinnedWorkflow>(CORE_REFS);
  for (const definition of definitions) {
    for (const ref of [...definition.actions.keys(), ...definition.workflows.keys()]) {
      const workflow = calledWorkflow(definition, ref);
      if (workflow !== undefined) refs.set(ref, { workflow, packDigest: definition.digest });
    }
  }
  return {
    packs,
    refs,
    rules: ruleSet(
      revision,
      definitions.flatMap((pack) => pack.rules),
    ),
    sources: definitions.flatMap((pack) =>
      pack.sources.map((source) => ({ ...source, pack: pack.name })),
    ),
    queues: definitions.flatMap((pack) => pack.queues),
    sensors: definitions.flatMap((pack) => pack.sensors),
    tasks: definitions.flatMap((pack) => pack.tasks),
  };
}

const NONE: readonly CompiledRule[] = [];
const MAX_KNOWN_TYPES = 1_000;

export function ruleSet(revision: number, rules: readonly CompiledRule[]): RuleSet {
  const all = rules.toSorted(byRef);
  const byType = new Map<string, CompiledRule[]>();
  for (const rule of all) {
    const listeners = byType.get(rule.on) ?? [];
    byType.set(rule.on, listeners);
    listeners.push(rule);
  }
  const byEventType = new Map<string, readonly CompiledRule[]>();
  return {
    revision,
    all,
    rulesFor(eventType) {
      const known = byEventType.get(eventType);
      if (known !== undefined) return known;
      const found = patternsOf(eventType).flatMap((pattern) => byType.get(pattern) ?? []);
      const listeners = found.length === 0 ? NONE : found.sort(byRef);
      // Strangers may post events of any type.
      if (byEventType.size < MAX_KNOWN_TYPES) byEventType.set(eventType, listeners);
      return listeners;
    },
  };
}

/** `a.b.c` is met by the rules on `a.b.c`, `a.b.*` and `a.*`. */
function patternsOf(eventType: string): string[] {
  const patterns = [eventType];
  for (let dot = eventType.lastIndexOf("."); dot > 0; dot = eventType.lastIndexOf(".", dot - 1))
    patterns.push(`${eventType.slice(0, dot)}.*`);
  return patterns;
}

function byRef(a: CompiledRule, b: CompiledRule): number {
  return a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0;
}
