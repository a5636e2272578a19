import type { StepDefinition } from "../../definition.ts";
import type { DocumentNode } from "../../document.ts";
import type { Report } from "../../problem.ts";
import type { Queues } from "../calls/policies.ts";
import type { PlannedStep } from "./order.ts";

/**
 * A run holds its place in a FIFO line until it is final. Were it to stand in two lines, two runs could each hold
 * what the other waits for, for ever; so all steps of a workflow share one, what cleans up after them included.
 */
export function refuseTwoLines(
  planned: readonly PlannedStep[],
  steps: readonly (StepDefinition | undefined)[],
  queues: Queues,
  report: Report,
): void {
  let first: { readonly id: string; readonly line: string } | undefined;
  for (const [index, { id, place, fields }] of planned.entries()) {
    const step = steps[index];
    const calls = [
      { call: step, queue: fields.get("queue") },
      { call: step?.undo, queue: fieldOf(fields.get("undo"), "queue") },
    ];
    for (const { call, queue } of calls) {
      if (call?.queue === undefined || !queues.get(call.queue.name)?.fifo) continue;
      const line = `${call.queue.name} ${keyText(queue) ?? call.action.ref}`;
      first ??= { id, line };
      if (line === first.line) continue;
      const hint = "give all steps of a workflow that use FIFO queues the same queue and key";
      report(
        place,
        `the steps "${first.id}" and "${id}" stand in two FIFO lines; two runs could wait for each other for ever`,
        hint,
      );
    }
  }
}

/** The key as it is written at the step; undefined where it comes from the action. */
function keyText(queue: DocumentNode | undefined): string | undefined {
  const key = fieldOf(queue, "key");
  return key?.kind === "scalar" ? String(key.value) : undefined;
}

function fieldOf(node: DocumentNode | undefined, key: string): DocumentNode | undefined {
  return node?.kind === "map" ? node.entries.get(key)?.value : undefined;
}
