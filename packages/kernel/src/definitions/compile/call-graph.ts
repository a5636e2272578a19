import type { WorkflowDefinition } from "../definition.ts";
import type { Place } from "../document.ts";
import type { Report } from "../problem.ts";
import type { Queues } from "./calls/policies.ts";

/** A step's call of an action or another workflow. */
export interface StepCall {
  readonly ref: string;
  readonly place: Place;
}

/** What the workflows of a pack call, by the caller's ref. */
export type CallGraph = ReadonlyMap<string, readonly StepCall[]>;

/** Workflows that call each other would never come to an end: each circle is reported once, where it closes. */
export function refuseCircles(graph: CallGraph, report: Report): void {
  const done = new Set<string>();
  const path: string[] = [];

  function visit(ref: string): void {
    path.push(ref);
    for (const call of graph.get(ref) ?? []) {
      const at = path.indexOf(call.ref);
      if (at >= 0) {
        const circle = [...path.slice(at), call.ref].join(" → ");
        const hint = "to do something again and again, say repeat";
        report(call.place, `these workflows call each other: ${circle}`, hint);
      } else if (!done.has(call.ref)) visit(call.ref);
    }
    path.pop();
    done.add(ref);
  }

  for (const ref of graph.keys()) if (!done.has(ref)) visit(ref);
}

/**
 * A run that waits for its child keeps its place in its FIFO line. A child that stands in a line as well could wait for
 * its own parent, or for a run that waits for it.
 */
export function refuseSharedLines(
  graph: CallGraph,
  workflows: ReadonlyMap<string, WorkflowDefinition | undefined>,
  queues: Queues,
  report: Report,
): void {
  for (const [ref, calls] of graph) {
    if (!standsInLine(workflows.get(ref), queues)) continue;
    for (const { ref: called, place } of calls) {
      const other = reached(called, graph).find((one) => standsInLine(workflows.get(one), queues));
      if (other === undefined) continue;
      const through = other === called ? "" : `, through "${called}"`;
      report(
        place,
        `"${ref}" and "${other}", which it calls${through}, both use FIFO queues; they could wait for each other for ever`,
        "let only one of them use a FIFO queue",
      );
    }
  }
}

function reached(ref: string, graph: CallGraph, found: string[] = []): string[] {
  if (found.includes(ref)) return found;
  found.push(ref);
  for (const call of graph.get(ref) ?? []) reached(call.ref, graph, found);
  return found;
}

function standsInLine(workflow: WorkflowDefinition | undefined, queues: Queues): boolean {
  if (workflow === undefined) return false;
  const { steps, onFailure = [], finally: last = [] } = workflow;
  return [...steps, ...onFailure, ...last].some((step) =>
    [step.queue, step.undo?.queue].some(
      (queue) => queue !== undefined && queues.get(queue.name)?.fifo === true,
    ),
  );
}
