import type { OnError } from "../../definition.ts";
import type { Place } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { didYouMean } from "../fields/did-you-mean.ts";
import type { Fields } from "../fields/fields.ts";
import { ancestors, inOrder, type PlannedStep } from "./order.ts";

const WORDS = ["fail", "continue"];

/** `on_error: fail | continue | <step>`; `ids` are the steps that it may name. */
export function readOnError(
  fields: Fields,
  own: string,
  ids: readonly string[],
  report: Report,
): OnError {
  const value = fields.text("on_error");
  if (value === undefined || value === "fail") return "fail";
  if (value === "continue") return value;
  if (ids.includes(value) && value !== own) return { step: value };
  const place = fields.get("on_error")?.place ?? fields.place;
  if (value === own) {
    const hint = "to try it again, say retry";
    report(place, `step "${own}" cannot handle its own failure`, hint);
  } else {
    const message = `on_error must be fail, continue or a step, and there is no step "${value}"`;
    report(place, message, didYouMean(value, [...WORDS, ...ids]));
  }
  return "fail";
}

/** In a cleanup nothing is jumped over: each of its steps has its turn, whatever becomes of the others. */
export function readCleanup(fields: Fields, report: Report): OnError {
  if (fields.has("undo"))
    report(fields.keyPlace("undo"), "undo is for steps: what cleans up is not undone");
  return fields.word("on_error", ["fail", "continue"] as const) ?? "fail";
}

/**
 * A step that handles the failure of others needs them: it is judged when they are final. So what jumps must stand
 * before where it jumps to, and a jump that would go back is reported and left out.
 */
export function withHandlers(
  planned: readonly PlannedStep[],
  report: Report,
): readonly PlannedStep[] {
  const silent = (): void => {};
  const ordered = inOrder(planned, silent);
  if (ordered.isCircular) return planned;
  const before = ancestors(ordered);
  const jumpers = new Map<string, string[]>();
  for (const { id, onError, fields, place } of planned) {
    if (typeof onError !== "object") continue;
    if (before.get(id)?.has(onError.step))
      refuseBack(id, onError.step, fields.get("on_error")?.place ?? place, report);
    else jumpers.set(onError.step, [...(jumpers.get(onError.step) ?? []), id]);
  }
  return planned.map((step) => {
    const added = jumpers.get(step.id);
    return added === undefined ? step : { ...step, needs: [...new Set([...step.needs, ...added])] };
  });
}

function refuseBack(id: string, handler: string, place: Place, report: Report): void {
  const hint =
    "put it after, or give it other needs: a run never goes back; to try again, say retry or repeat";
  report(place, `step "${handler}" comes before "${id}", which cannot jump back to it`, hint);
}
