import { fieldText, type Json, type StepFile, type WorkError } from "@yardmaster/protocol";
import { readQuestion, type StepDefinition } from "../../definitions/index.ts";
import type { Evaluated, Scope } from "../../expressions/index.ts";
import { targetKey, targetOf } from "../../placement/index.ts";
import type { Draft, StepDraft } from "../draft.ts";
import { jsonChars } from "../results-bound.ts";
import { takenPart } from "../reuse/parts.ts";
import { slotScope } from "../scope.ts";
import { fileUsesOf } from "../slots/file-uses.ts";
import { IDLE_SLOT, isSlotFinal, moveSlot } from "../slots/slot.machine.ts";
import { slotKey } from "../slots/slot-key.ts";
import type { SlotState } from "../state.ts";

/** Writes a slot, and counts whether it is open. */
export function putSlot(state: StepDraft, index: number, next: SlotState): void {
  state.open += weightOf(next) - weightOf(state.slots[index] ?? IDLE_SLOT);
  state.slots[index] = next;
}

function weightOf(slot: SlotState): 0 | 1 {
  return slot.phase === "idle" || isSlotFinal(slot) ? 0 : 1;
}

/** Opens idle slots, in their order, while `concurrency` has room. */
export function fill(step: StepDefinition, draft: Draft, state: StepDraft): void {
  const most = step.forEach?.concurrency ?? 1;
  if (state.next >= state.slots.length || state.open >= most) return;
  const base = draft.scope();
  while (state.next < state.slots.length && state.open < most) {
    openSlot(step, draft, state, state.next, base, 0);
    state.next++;
  }
}

/**
 * Opens one slot: its first attempt starts, after the delay; or it fails where its input cannot be made, or has the
 * result of the run that this one tries again, where that worked on the same.
 */
export function openSlot(
  step: StepDefinition,
  draft: Draft,
  state: StepDraft,
  index: number,
  base: Scope,
  delayMs: number,
): void {
  const prepared = prepare(step, slotScope(base, step, state.items, index));
  const part = state.reusable?.[index];
  const taken =
    "error" in prepared || part === undefined
      ? undefined
      : takenPart(part, state.items?.[index], prepared);
  if (taken !== undefined) draft.state.resultBytes += jsonChars(taken.output ?? null);
  putSlot(state, index, taken ?? openedWith(prepared, step, slotKey(step, index), draft, delayMs));
}

/** A slot that has just been opened. */
export function opened(
  step: StepDefinition,
  slot: string,
  draft: Draft,
  scope: Scope,
  delayMs: number,
): SlotState {
  return openedWith(prepare(step, scope), step, slot, draft, delayMs);
}

function openedWith(
  prepared: ReturnType<typeof prepare>,
  step: StepDefinition,
  slot: string,
  draft: Draft,
  delayMs: number,
): SlotState {
  if ("error" in prepared) return { ...IDLE_SLOT, phase: "failed", error: prepared.error };
  const event = { type: "open", ...prepared, delayMs } as const;
  const move = moveSlot(IDLE_SLOT, event, {
    ...{ step, slot, run: draft.state.facts.id, starts: true, at: draft.at },
  });
  if (move === undefined) throw new Error("an idle slot opens (k7d2)");
  draft.effects.push(...move.effects);
  return move.next;
}

interface Prepared {
  readonly input: Json;
  readonly filesIn?: readonly StepFile[];
  readonly key?: string;
  readonly idempotencyKey?: string;
  readonly target?: string;
}

function prepare(step: StepDefinition, scope: Scope): Prepared | { error: WorkError } {
  const rendered = step.with.render(scope);
  if (!rendered.ok) return { error: expressionError("with", rendered) };
  const checked = step.action.input.validate(rendered.value);
  if (!checked.ok) {
    const first = checked.errors[0];
    const message = `the input of step "${step.id}" does not fit ${step.action.ref}: ${fieldText(first?.path ?? "", first?.message ?? "")}`;
    return { error: { code: "invalid_input", message } };
  }
  const flaw = questionFlaw(step, checked.value);
  if (flaw !== undefined) return { error: flaw };
  const target = renderTarget(step.on, scope);
  if (target !== undefined && "error" in target) return target;
  const used = renderFiles(step.files, scope);
  if (used !== undefined && "error" in used) return used;
  const key = step.queue?.key?.render(scope);
  if (key !== undefined && !key.ok) return { error: expressionError("queue.key", key) };
  const own = renderIdempotencyKey(step.idempotencyKey, scope);
  if (own !== undefined && "error" in own) return own;
  return {
    input: checked.value,
    ...(key && { key: textOf(key.value) }),
    ...target,
    ...used,
    ...own,
  };
}

/** Of a question, what its schema does not say: whether its answer's schema is one, and its default an answer. */
function questionFlaw({ id, action }: StepDefinition, input: Json): WorkError | undefined {
  if (action.runner.kind !== "ask") return undefined;
  const read = readQuestion(input);
  if (read.ok) return undefined;
  const message = `the input of step "${id}" does not fit ${action.ref}: ${fieldText(`/${read.flaw.path.join("/")}`, read.flaw.message)}`;
  return { code: "invalid_input", message };
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a header and an environment can hold, and is not so long that it is none. */
const KEY = /^[\x21-\x7e]{1,255}$/;

function renderIdempotencyKey(
  template: StepDefinition["idempotencyKey"],
  scope: Scope,
): { idempotencyKey: string } | { error: WorkError } | undefined {
  const rendered = template?.render(scope);
  if (rendered === undefined) return undefined;
  if (!rendered.ok) return { error: expressionError("idempotency_key", rendered) };
  const idempotencyKey = textOf(rendered.value);
  if (KEY.test(idempotencyKey)) return { idempotencyKey };
  const message = `idempotency_key must be 1 to 255 visible ASCII characters, and is ${JSON.stringify(idempotencyKey.slice(0, 100))}; hash.sha256(…) makes such of any text`;
  return { error: { code: "expression_failed", message } };
}

function renderTarget(
  on: StepDefinition["on"],
  scope: Scope,
): { target: string } | { error: WorkError } | undefined {
  const rendered = on?.render(scope);
  if (rendered === undefined) return undefined;
  if (!rendered.ok) return { error: expressionError("on", rendered) };
  const target = targetOf(rendered.value);
  if (!("flaw" in target)) return { target: targetKey(target) };
  return { error: { code: "expression_failed", message: `on: ${target.flaw}` } };
}

function renderFiles(
  files: StepDefinition["files"],
  scope: Scope,
): { filesIn: readonly StepFile[] } | { error: WorkError } | undefined {
  const rendered = files?.render(scope);
  if (rendered === undefined) return undefined;
  if (!rendered.ok) return { error: expressionError("files", rendered) };
  const used = fileUsesOf(rendered.value);
  if (!("flaw" in used)) return { filesIn: used.files };
  return { error: { code: "expression_failed", message: `files: ${used.flaw}` } };
}

export function expressionError(where: string, failed: Evaluated): WorkError {
  const message = failed.ok ? "" : failed.error.message;
  return { code: "expression_failed", message: `${where}: ${message}` };
}
