import type { WorkflowDefinition } from "@yardmaster/kernel";
import type { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** Workflows that some processes do not have for a while: their pack was deleted, or the build cannot compile it. */
export interface Absence {
  readonly refs: ReadonlySet<string>;
  /** Names of the places without them. */
  readonly places: ReadonlySet<string>;
  /** Whether nobody has them. */
  readonly isEverywhere: boolean;
  readonly fromMs: number;
  /** Infinity: they do not come back. */
  readonly untilMs: number;
}

export function randomAbsence(
  random: Random,
  { flavour, places, faultsEndMs }: Scenario,
  workflows: ReadonlyMap<string, WorkflowDefinition>,
): Absence | undefined {
  // Whose work nobody has, and nobody may cancel, is recovered late.
  if (flavour === "kill" || random.chance(0.7)) return undefined;
  const refs = relatedTo(random.pick([...workflows.keys()]), workflows);
  const isEverywhere = places.length === 1 || random.chance(0.5);
  const without = isEverywhere ? places : places.filter((_, i) => i !== 0 && random.chance(0.7));
  // What a build cannot compile it never could.
  const fromMs = isEverywhere ? random.next() * faultsEndMs : 0;
  // Somebody has to carry out what is left to be done.
  const isForEver = (isEverywhere || places[0]?.roles.includes("worker")) && random.chance(0.5);
  return {
    refs,
    places: new Set(without.map(({ name }) => name)),
    isEverywhere,
    fromMs,
    untilMs: isForEver ? Number.POSITIVE_INFINITY : fromMs + random.int(1_000, 60_000),
  };
}

/** All that call each other are of one pack, which is there or not. */
function relatedTo(ref: string, workflows: ReadonlyMap<string, WorkflowDefinition>): Set<string> {
  const calls = [...workflows.values()].flatMap(({ ref: caller, steps }) =>
    steps.flatMap(({ action }) =>
      action.runner.kind === "workflow" ? [[caller, action.ref] as const] : [],
    ),
  );
  const related = new Set([ref]);
  for (let before = 0; before < related.size; ) {
    before = related.size;
    for (const [a, b] of calls)
      if (related.has(a) || related.has(b)) {
        related.add(a);
        related.add(b);
      }
  }
  return related;
}
