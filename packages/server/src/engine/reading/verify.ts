import {
  advance,
  begin,
  describeEffect,
  type Effect,
  isAbandoned,
  type RunState,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import type { StoredRun } from "../keeper/keeper.store.ts";
import type { Verification } from "./reading.types.ts";

/**
 * Runs the interpreter over a run's recorded history and compares each of its decisions with the recorded one:
 * how a new build is proved against every run in flight.
 */
export function verifyRun(
  id: string,
  stored: StoredRun,
  workflow: WorkflowDefinition,
): Verification {
  const at = stored.createdAt;
  const facts = { id, ref: stored.ref, created_at: at.toISOString() };
  let state: RunState | undefined;
  for (const [index, { events, decisions }] of stored.advances.entries()) {
    const effects: Effect[] = [];
    if (state === undefined) {
      const born = begin(workflow, stored.input, facts, at.getTime(), stored.reused ?? undefined);
      state = born.state;
      effects.push(...born.effects);
    }
    if (events.length > 0) {
      const advanced = advance(workflow, state, events);
      state = advanced.state;
      effects.push(...advanced.effects);
    }
    const now = effects.map((effect) => describeEffect(effect));
    // Nobody decided that: its definition was not there.
    if (events.some(isAbandoned)) continue;
    const differs =
      decisions.length !== now.length || decisions.some((decision, i) => decision !== now[i]);
    if (differs) {
      const difference = {
        version: index + 1,
        recorded: decisions.join("; "),
        now: now.join("; "),
      };
      return { id, advances: stored.advances.length, same: false, difference };
    }
  }
  return { id, advances: stored.advances.length, same: true };
}
