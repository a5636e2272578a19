import { type RunState, type TakenParts, takenOver } from "@yardmaster/kernel";
import { MOST_TOLD } from "./explain-alike.ts";

/** What a new try took over from the run that it tries again. */
export function takenText(state: RunState): string[] {
  const { steps, parts } = takenOver(state);
  const named = [...steps.map((id) => nameOf(id, state)), ...parts.map(partsText)];
  if (named.length === 0) return [];
  const more = named.length - MOST_TOLD;
  const rest = more > 0 ? `, and ${more} more` : "";
  return [`it took over of that run: ${named.slice(0, MOST_TOLD).join(", ")}${rest}`];
}

function nameOf(id: string, { steps }: RunState): string {
  const { phase } = steps[id] ?? {};
  return phase === "success" ? `step ${id}` : `step ${id} (${phase})`;
}

function partsText({ step, reused, of }: TakenParts): string {
  return `${reused} of the ${of} of step ${step}`;
}
