import { isFinal, type Json, type StepStatus } from "@yardmaster/protocol";
import { MAX_ITEMS, type StepDefinition } from "../../definitions/index.ts";
import type { Evaluated } from "../../expressions/index.ts";
import type { Draft, StepDraft } from "../draft.ts";
import { roundView } from "../scope.ts";
import { IDLE_SLOT, moveSlot } from "../slots/slot.machine.ts";
import { slotKey } from "../slots/slot-key.ts";
import { isStarting, type Section, type SlotState, type StepState } from "../state.ts";
import { end, endBadly, finishIfDone } from "./end-step.ts";
import { expressionError, fill, putSlot } from "./open-slots.ts";
import { nextRound } from "./rounds.ts";

const PENDING: StepState = { phase: "pending", slots: [], next: 0, open: 0 };

/** Puts the steps of a list before the run. */
export function beginSection(draft: Draft, section: Section): void {
  const steps = draft.plan.lists[section];
  draft.state.section = section;
  draft.state.left = steps.length;
  for (const step of steps) {
    draft.add(step.id, PENDING);
    if (step.needs.length === 0) draft.toMove.push(step);
  }
}

/**
 * Moves every step that can move: those of `toMove`, where the step of an event stands, and those that the end of a
 * step put there. Steps that wait for something else are not looked at.
 */
export function moveSteps(draft: Draft): void {
  for (let i = 0; i < draft.toMove.length; i++) {
    const step = draft.toMove[i] as StepDefinition;
    const { phase } = draft.state.steps[step.id] as StepState;
    if (phase === "active") tend(step, draft);
    else if (phase === "pending") judge(step, draft);
  }
  draft.toMove.length = 0;
}

/**
 * Ends the starting of steps: those that have not begun are canceled, and so are items whose turn has not come,
 * delays between rounds, and questions: nobody need answer what nothing depends on any more.
 */
export function closeSection(draft: Draft): void {
  endSection(draft, isHeld);
}

/** The same, and asks what is open to stop. */
export function stopSection(draft: Draft): void {
  endSection(draft, () => true);
}

function isHeld({ phase }: SlotState): boolean {
  return HELD.has(phase);
}

const HELD: ReadonlySet<SlotState["phase"]> = new Set(["idle", "delayed", "asking", "deciding"]);

function endSection(draft: Draft, stops: (slot: SlotState) => boolean): void {
  for (const step of draft.plan.lists[draft.state.section]) {
    const { phase } = draft.state.steps[step.id] as StepState;
    if (phase === "pending") end(step, draft, draft.touch(step.id), "canceled");
    else if (phase === "active") stopSlots(step, draft, stops);
  }
}

function stopSlots(step: StepDefinition, draft: Draft, stops: (slot: SlotState) => boolean): void {
  const state = draft.touch(step.id);
  for (const [index, slot] of state.slots.entries()) {
    if (!stops(slot)) continue;
    const run = draft.state.facts.id;
    const context = { step, slot: slotKey(step, index), run, starts: false, at: draft.at };
    const move = moveSlot(slot, { type: "stop" }, context);
    if (move === undefined) continue;
    putSlot(state, index, move.next);
    draft.effects.push(...move.effects);
  }
  state.next = state.slots.length;
  draft.toMove.push(step);
}

function judge(step: StepDefinition, draft: Draft): void {
  const { steps } = draft.state;
  if (!isStarting(draft.state.phase)) return end(step, draft, draft.touch(step.id), "canceled");
  if (!step.needs.every((id) => isFinal((steps[id] as StepState).phase as StepStatus))) return;
  const state = draft.touch(step.id);
  state.startedAt = draft.at;
  const jumpers = draft.plan.jumpers.get(step.id);
  if (jumpers?.every((id) => !isBad(steps[id] as StepState)))
    return end(step, draft, state, "skipped");
  const scope = draft.scope();
  const wanted = step.condition?.evaluate(scope);
  if (wanted !== undefined && !wanted.ok)
    endBadly(step, draft, state, expressionError("if", wanted));
  else if (wanted?.value === false) end(step, draft, state, "skipped");
  else if (step.forEach === undefined) open(step, draft, state, 1);
  else openItems(step, step.forEach.items.evaluate(scope), draft, state);
}

function isBad({ phase }: StepState): boolean {
  return phase === "failed" || phase === "timed_out" || phase === "canceled";
}

function openItems(step: StepDefinition, items: Evaluated, draft: Draft, state: StepDraft): void {
  if (!items.ok) return endBadly(step, draft, state, expressionError("for_each", items));
  if (!Array.isArray(items.value)) {
    const message = `for_each of step "${step.id}" needs a list, got ${typeof items.value}`;
    return endBadly(step, draft, state, { code: "expression_failed", message });
  }
  if (items.value.length > MAX_ITEMS) {
    const message = `for_each of step "${step.id}" has ${items.value.length} items; at most ${MAX_ITEMS} are allowed`;
    return endBadly(step, draft, state, { code: "limit_exceeded", message });
  }
  state.items = inGroups(items.value, step.forEach?.batch);
  open(step, draft, state, state.items.length);
}

function inGroups(items: readonly Json[], batch: number | undefined): readonly Json[] {
  if (batch === undefined) return items;
  const groups: Json[] = [];
  for (let i = 0; i < items.length; i += batch) groups.push(items.slice(i, i + batch));
  return groups;
}

function open(step: StepDefinition, draft: Draft, state: StepDraft, count: number): void {
  state.phase = "active";
  state.slots = Array.from({ length: count }, () => IDLE_SLOT);
  if (step.repeat !== undefined) draft.see(step.id, roundView(undefined));
  tend(step, draft);
}

function tend(step: StepDefinition, draft: Draft): void {
  const state = draft.touch(step.id);
  if (isStarting(draft.state.phase)) fill(step, draft, state);
  const failed = state.open === 0 ? nextRound(step, draft, state) : undefined;
  if (failed === undefined) finishIfDone(step, draft, state);
  else endBadly(step, draft, state, failed);
}
