import type { OnError } from "../../definition.ts";
import type { DocumentNode, Place } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { didYouMeanOrAll } from "../fields/did-you-mean.ts";
import type { Fields } from "../fields/fields.ts";
import { kindOf } from "../fields/read-value.ts";

/** A step with its needs resolved, before what it does is looked at. */
export interface PlannedStep {
  readonly id: string;
  readonly place: Place;
  readonly fields: Fields;
  readonly needs: readonly string[];
  readonly onError: OnError;
}

/** What `needs` says; without it a step needs the one before it in the file. */
export function readNeeds(
  fields: Fields,
  own: string,
  previous: string | undefined,
  ids: readonly string[],
  report: Report,
): string[] {
  const node = fields.get("needs");
  if (node === undefined) return previous === undefined ? [] : [previous];
  if (node.kind === "scalar" && typeof node.value === "string") return [node].flatMap(one);
  if (node.kind !== "list") {
    report(node.place, `needs must be a list of step ids, not ${kindOf(node)}`);
    return [];
  }
  return [...new Set(node.items.flatMap(one))];

  function one(item: DocumentNode): string[] {
    const id = item.kind === "scalar" ? item.value : undefined;
    if (typeof id === "string" && ids.includes(id) && id !== own) return [id];
    if (typeof id !== "string")
      report(item.place, `needs takes only step ids, not ${kindOf(item)}`);
    else if (id === own) report(item.place, `step "${own}" needs itself`);
    else report(item.place, `there is no step "${id}"`, didYouMeanOrAll(id, ids));
    return [];
  }
}

export interface OrderedSteps {
  readonly steps: readonly PlannedStep[];
  /** Some wait for each other: their order says nothing. */
  readonly isCircular: boolean;
}

/**
 * The steps so that each stands after those it needs, otherwise in the order of the file. That they wait for each
 * other is reported once for each circle with its path.
 */
export function inOrder(steps: readonly PlannedStep[], report: Report): OrderedSteps {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const done = new Set<string>();
  const ordered: PlannedStep[] = [];
  const path: string[] = [];
  let isCircular = false;

  function visit(step: PlannedStep): void {
    if (done.has(step.id)) return;
    const at = path.indexOf(step.id);
    if (at >= 0) {
      isCircular = true;
      const circle = [...path.slice(at), step.id].join(" → ");
      report(step.place, `these steps wait for each other: ${circle}`);
      return;
    }
    path.push(step.id);
    for (const id of step.needs) visit(byId.get(id) as PlannedStep);
    path.pop();
    done.add(step.id);
    ordered.push(step);
  }

  for (const step of steps) visit(step);
  return { steps: ordered, isCircular };
}

/**
 * Ids of all steps that are final before each step is judged. Of steps that wait for each other all others may be: what
 * is wrong with their expressions besides is found all the same.
 */
export function ancestors({
  steps: ordered,
  isCircular,
}: OrderedSteps): ReadonlyMap<string, Set<string>> {
  const before = new Map<string, Set<string>>();
  const ids = ordered.map(({ id }) => id);
  if (isCircular)
    return new Map(ids.map((id) => [id, new Set(ids.filter((other) => other !== id))]));
  for (const step of ordered) {
    const own = new Set<string>();
    for (const id of step.needs) {
      own.add(id);
      for (const earlier of before.get(id) ?? []) own.add(earlier);
    }
    before.set(step.id, own);
  }
  return before;
}
