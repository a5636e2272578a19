import type { Validator } from "../../schema/index.ts";
import { type ActionDefinition, NO_RETRY } from "../definition.ts";
import type { Place } from "../document.ts";
import type { Report } from "../problem.ts";
import { didYouMeanRef, type Fields } from "./fields.ts";

/** Actions by ref. One that is declared but broken is there as undefined: its users are not to blame. */
export type Actions = ReadonlyMap<string, ActionDefinition | undefined>;

export interface Callables {
  readonly actions: Actions;
  /** The inputs of the pack's workflows by ref; undefined for one that is broken. */
  readonly workflows: ReadonlyMap<string, Validator | undefined>;
  /** Takes note that the workflow that is being read calls another. */
  readonly noteCall: (ref: string, place: Place) => void;
}

/** What a step calls; undefined where it is not there, which is reported, or is broken itself. */
export function readUses(
  fields: Fields,
  callables: Callables,
  report: Report,
): ActionDefinition | undefined {
  const ref = fields.requiredText("uses");
  if (ref === undefined) return undefined;
  if (callables.actions.has(ref)) return callables.actions.get(ref);
  const place = fields.get("uses")?.place ?? fields.place;
  if (callables.workflows.has(ref)) return callOf(ref, place, callables);
  report(place, `there is no action or workflow "${ref}"`, hintFor(ref, callables));
  return undefined;
}

function callOf(
  ref: string,
  place: Place,
  { workflows, noteCall }: Callables,
): ActionDefinition | undefined {
  noteCall(ref, place);
  const input = workflows.get(ref);
  if (input === undefined) return undefined;
  // A child run has no time of its own here: its workflow says its `timeout`.
  return { ref, runner: { kind: "workflow" }, input, timeoutMs: 0, retry: NO_RETRY };
}

function hintFor(ref: string, { actions, workflows }: Callables): string {
  return (
    didYouMeanRef(ref, [...actions.keys(), ...workflows.keys()]) ??
    "a step uses actions and workflows of its own pack, and core's actions"
  );
}
