import {
  type FinalStatus,
  isFinal,
  type Json,
  type StepStatus,
  type WorkError,
} from "@yardmaster/protocol";
import { MAX_ITEMS, type StepDefinition, type WorkflowDefinition } from "../definitions/index.ts";
import type { Evaluated, Scope } from "../expressions/index.ts";
import type { Draft, StepDraft } from "./draft.ts";
import { itemScope, runScope } from "./scope.ts";
import { IDLE_SLOT, isSlotFinal, moveSlot } from "./slot.machine.ts";
import { type SlotState, type StepState, slotKey } from "./state.ts";

/**
 * Moves every step that can move: ends active ones whose slots are final, opens items while there is room,
 * judges pending ones whose needs are final. Steps stand in the order of their needs, but a step that ends at
 * once (skipped, no items) may free an earlier look, so it goes round until nothing moves.
 */
export function settleSteps(workflow: WorkflowDefinition, draft: Draft, at: number): void {
  let moved = true;
  while (moved) {
    moved = false;
    for (const step of workflow.steps) {
      const state = draft.state.steps[step.id] as StepState;
      if (state.phase === "active") moved = tend(step, draft, at) || moved;
      else if (state.phase === "pending") moved = judge(step, draft, at) || moved;
    }
  }
}

function judge(step: StepDefinition, draft: Draft, at: number): boolean {
  if (draft.state.phase !== "running") {
    end(draft.touch(step.id), "canceled", at);
    return true;
  }
  if (!step.needs.every((id) => isFinal((draft.state.steps[id] as StepState).phase as StepStatus)))
    return false;
  const scope = runScope(draft.state);
  const state = draft.touch(step.id);
  state.startedAt = at;
  const wanted = step.condition?.evaluate(scope);
  if (wanted !== undefined && !wanted.ok)
    endWithError(step, draft, state, expressionError("if", wanted), at);
  else if (wanted?.value === false) end(state, "skipped", at);
  else if (step.forEach === undefined)
    openSlots(step, draft, state, [slotKey(step.id, undefined)], at);
  else openItems(step, step.forEach.items.evaluate(scope), draft, state, at);
  return true;
}

function openItems(
  step: StepDefinition,
  items: Evaluated,
  draft: Draft,
  state: StepDraft,
  at: number,
): void {
  if (!items.ok) return endWithError(step, draft, state, expressionError("for_each", items), at);
  if (!Array.isArray(items.value)) {
    const message = `for_each of step "${step.id}" needs a list, got ${typeof items.value}`;
    return endWithError(step, draft, state, { code: "expression_failed", message }, at);
  }
  if (items.value.length > MAX_ITEMS) {
    const message = `for_each of step "${step.id}" has ${items.value.length} items; at most ${MAX_ITEMS} are allowed`;
    return endWithError(step, draft, state, { code: "limit_exceeded", message }, at);
  }
  state.items = items.value as readonly Json[];
  openSlots(
    step,
    draft,
    state,
    state.items.map((_, index) => slotKey(step.id, index)),
    at,
  );
}

function openSlots(
  step: StepDefinition,
  draft: Draft,
  state: StepDraft,
  keys: readonly string[],
  at: number,
): void {
  state.phase = "active";
  state.slots = keys.map(() => IDLE_SLOT);
  fill(step, draft, state);
  finishIfDone(step, draft, state, at);
}

function tend(step: StepDefinition, draft: Draft, at: number): boolean {
  const before = draft.state.steps[step.id] as StepState;
  const done = before.slots.every(isSlotFinal);
  if (!done && !hasRoom(step, before, draft)) return false;
  const state = draft.touch(step.id);
  fill(step, draft, state);
  finishIfDone(step, draft, state, at);
  return true;
}

function hasRoom(step: StepDefinition, state: StepState, draft: Draft): boolean {
  if (!state.slots.some((slot) => slot.phase === "idle")) return false;
  return draft.state.phase !== "running" || openCount(state) < (step.forEach?.concurrency ?? 1);
}

function openCount(state: StepState): number {
  return state.slots.reduce(
    (count, slot) => count + (slot.phase !== "idle" && !isSlotFinal(slot) ? 1 : 0),
    0,
  );
}

/** Opens idle slots while `concurrency` has room; in a run that starts nothing new they are canceled. */
function fill(step: StepDefinition, draft: Draft, state: StepDraft): void {
  const starts = draft.state.phase === "running";
  if (!state.slots.some((slot) => slot.phase === "idle")) return;
  const scope = runScope(draft.state);
  let room = (step.forEach?.concurrency ?? 1) - openCount(state);
  for (let i = 0; i < state.slots.length && (room > 0 || !starts); i++) {
    const slot = state.slots[i] as SlotState;
    if (slot.phase !== "idle") continue;
    state.slots[i] = starts
      ? openSlot(step, draft, state, i, scope)
      : { ...slot, phase: "canceled" };
    if (starts && !isSlotFinal(state.slots[i] as SlotState)) room--;
  }
}

function openSlot(
  step: StepDefinition,
  draft: Draft,
  state: StepDraft,
  index: number,
  base: Scope,
): SlotState {
  const item = state.items?.[index];
  const scope = item === undefined ? base : itemScope(base, item, index);
  const prepared = prepare(step, scope);
  if ("error" in prepared) return { ...IDLE_SLOT, phase: "failed", error: prepared.error };
  const slot = slotKey(step.id, state.items === undefined ? undefined : index);
  const move = moveSlot(IDLE_SLOT, { type: "open", ...prepared }, { step, slot, starts: true });
  if (move === undefined) throw new Error("an idle slot opens (k7d2)");
  draft.effects.push(...move.effects);
  return move.next;
}

function prepare(
  step: StepDefinition,
  scope: Scope,
): { input: Json; key?: string } | { error: WorkError } {
  const rendered = step.with.render(scope);
  if (!rendered.ok) return { error: expressionError("with", rendered) };
  const checked = step.action.input.validate(rendered.value);
  if (!checked.ok) {
    const first = checked.errors[0];
    const message = `the input of step "${step.id}" does not fit ${step.action.ref}: ${first?.path ?? ""} ${first?.message ?? ""}`;
    return { error: { code: "invalid_input", message } };
  }
  if (step.queue?.key === undefined) return { input: checked.value };
  const key = step.queue.key.render(scope);
  if (!key.ok) return { error: expressionError("queue.key", key) };
  return {
    input: checked.value,
    key: typeof key.value === "string" ? key.value : JSON.stringify(key.value),
  };
}

function finishIfDone(step: StepDefinition, draft: Draft, state: StepDraft, at: number): void {
  if (!state.slots.every(isSlotFinal)) return;
  if (state.items === undefined) finishPlain(step, draft, state, at);
  else finishItems(step, draft, state, at);
}

function finishPlain(step: StepDefinition, draft: Draft, state: StepDraft, at: number): void {
  const slot = state.slots[0] as SlotState;
  if (slot.output !== undefined) state.output = slot.output;
  if (slot.phase === "success" || slot.phase === "canceled") end(state, slot.phase, at);
  else endWithError(step, draft, state, slot.error as WorkError, at, slot.phase as FinalStatus);
}

function finishItems(step: StepDefinition, draft: Draft, state: StepDraft, at: number): void {
  state.output = state.slots.map((slot) => slot.output ?? null);
  const bad = state.slots.filter((slot) => slot.phase === "failed" || slot.phase === "timed_out");
  if (bad.length > 0) {
    const message = `${bad.length} of ${state.slots.length} items failed; the first: ${bad[0]?.error?.message ?? ""}`;
    return endWithError(step, draft, state, { code: "items_failed", message }, at);
  }
  end(state, state.slots.some((slot) => slot.phase === "canceled") ? "canceled" : "success", at);
}

function endWithError(
  step: StepDefinition,
  draft: Draft,
  state: StepDraft,
  error: WorkError,
  at: number,
  status: FinalStatus = "failed",
): void {
  state.error = error;
  end(state, status, at);
  if (step.onError === "continue" || draft.state.phase !== "running") return;
  draft.state.phase = "failing";
  draft.state.error = {
    ...error,
    message: `step "${step.id}": ${error.message}`,
    details: { ...error.details, step: step.id },
  };
}

function end(
  state: StepDraft,
  phase: Exclude<StepState["phase"], "pending" | "active">,
  at: number,
): void {
  state.phase = phase;
  state.endedAt = at;
}

function expressionError(where: string, failed: Evaluated): WorkError {
  const message = failed.ok ? "" : failed.error.message;
  return { code: "expression_failed", message: `${where}: ${message}` };
}
