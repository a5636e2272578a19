import type { DocumentNode, Place } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { type Fields, readFields } from "../fields/fields.ts";
import { MAX_STEPS } from "../fields/limits.ts";
import { checkStepId } from "../fields/names.ts";
import { kindOf } from "../fields/read-value.ts";
import { readCleanup, readOnError, withHandlers } from "./on-error.ts";
import { inOrder, type OrderedSteps, type PlannedStep, readNeeds } from "./order.ts";
import { STEP_KEYS } from "./step.ts";

/** The lists of steps that a workflow may have, by their keys. */
export const LISTS = ["steps", "on_failure", "finally"] as const;
export type ListName = (typeof LISTS)[number];

export type PlannedLists = { readonly [L in ListName]: OrderedSteps };

/** The steps of all lists with their needs, each list in an order in which every step stands after those it needs. */
export function planLists(fields: Fields, report: Report): PlannedLists {
  if (!fields.has("steps")) report(fields.place, 'a workflow needs "steps"');
  const taken = new Set<string>();
  const steps = planList("steps", fields, taken, report);
  const onFailure = planList("on_failure", fields, taken, report);
  const last = planList("finally", fields, taken, report);
  return {
    steps: inOrder(withHandlers(steps, report), report),
    on_failure: inOrder(onFailure, report),
    finally: inOrder(last, report),
  };
}

function planList(
  name: ListName,
  fields: Fields,
  taken: Set<string>,
  report: Report,
): PlannedStep[] {
  const node = fields.get(name);
  if (node === undefined) return [];
  if (node.kind !== "list" || node.items.length === 0) {
    const got = node.kind === "list" ? "an empty one" : kindOf(node);
    report(node.place, `${name} must be a list of steps, not ${got}`);
    return [];
  }
  if (node.items.length > MAX_STEPS) {
    report(node.place, `${node.items.length} steps; ${MAX_STEPS} are allowed in a list`);
    return [];
  }
  const named = node.items.flatMap((item, index) => nameStep(item, name, index, report));
  const unique = named.filter((step) => isFirst(step, taken, report));
  const ids = unique.map((step) => step.id);
  return unique.map((step, index) => ({
    ...step,
    needs: readNeeds(step.fields, step.id, ids[index - 1], ids, report),
    onError:
      name === "steps"
        ? readOnError(step.fields, step.id, ids, report)
        : readCleanup(step.fields, report),
  }));
}

interface NamedStep {
  readonly id: string;
  readonly place: Place;
  readonly fields: Fields;
}

function isFirst(step: NamedStep, taken: Set<string>, report: Report): boolean {
  if (taken.has(step.id)) {
    report(step.place, `there are two steps "${step.id}"`, "ids are unique in a workflow");
    return false;
  }
  taken.add(step.id);
  return true;
}

/**
 * A step whose id is wrong goes on under a made-up one, so that the rest of it is checked too. A step of a cleanup needs
 * no id: it is told by its list and its place there, from 1.
 */
function nameStep(item: DocumentNode, list: ListName, index: number, report: Report): NamedStep[] {
  const fields = readFields(item, "a step", STEP_KEYS, report);
  if (fields === undefined) return [];
  const place = fields.get("id")?.place ?? fields.place;
  if (list !== "steps" && !fields.has("id")) return [{ id: `${list}_${index + 1}`, place, fields }];
  const id = fields.requiredText("id", "its name in expressions: id: build");
  if (id !== undefined && checkStepId(id, place, report)) return [{ id, place, fields }];
  return [{ id: `${MADE_UP}${list}${index + 1}`, place, fields }];
}

/** Begins the id of a step that has a wrong one: no real id can. */
const MADE_UP = "#";

export function isMadeUp(id: string): boolean {
  return id.startsWith(MADE_UP);
}
