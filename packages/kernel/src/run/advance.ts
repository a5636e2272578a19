import type { Json } from "@yardmaster/protocol";
import type { StepDefinition, WorkflowDefinition } from "../definitions/index.ts";
import { type Draft, draftOf } from "./draft.ts";
import { type Effect, withoutWithdrawn } from "./effects.ts";
import type {
  AttemptEnded,
  ChildEnded,
  InquiryAnswered,
  RunEvent,
  TimerDue,
  Verdict,
} from "./events.ts";
import { settle } from "./phases.ts";
import { resultBytes } from "./results-bound.ts";
import { NOTHING_REUSED, type Reused } from "./reuse/reused.ts";
import { takeOver } from "./reuse/take-over.ts";
import { moveSlot } from "./slots/slot.machine.ts";
import { parseSlotKey, slotKey, TIMEOUT_SLOT, undoKey } from "./slots/slot-key.ts";
import { isStarting, type RunFacts, type RunState, type SlotState } from "./state.ts";
import { expressionError, putSlot } from "./steps/open-slots.ts";
import { beginSection } from "./steps/steps.ts";
import { noteUndoable } from "./steps/undo.ts";
import { applyAbandoned, isAbandoned } from "./stops/abandon.ts";
import { applyPause } from "./stops/pause.ts";
import { applyStop, isStop, stopOf } from "./stops/stops.ts";

export interface Advanced {
  readonly state: RunState;
  readonly effects: readonly Effect[];
  /** One for each event, in their order. */
  readonly verdicts: readonly Verdict[];
}

/**
 * The first state of a run with its first effects. `at` is Unix milliseconds; `input` fits the workflow's schema;
 * `reused` is what it takes over from the run that it tries again.
 */
export function begin(
  workflow: WorkflowDefinition,
  input: Json,
  facts: RunFacts,
  at: number,
  reused: Reused = NOTHING_REUSED,
): Advanced {
  const draft = draftOf(workflow, bornState(input, facts), at);
  beginSection(draft, "steps");
  beginVars(draft);
  takeOver(draft, reused);
  if (workflow.timeoutMs !== undefined) beginTime(draft, workflow.timeoutMs);
  settle(draft);
  return { state: draft.state, effects: withoutWithdrawn(draft.effects), verdicts: [] };
}

function bornState(input: Json, facts: RunFacts): RunState {
  return {
    facts,
    input,
    phase: "running",
    section: "steps",
    steps: {},
    left: 0,
    views: {},
    vars: {},
    resultBytes: 0,
    timed: false,
    undoable: [],
    unclean: [],
  };
}

function beginVars(draft: Draft): void {
  const vars = draft.workflow.vars?.render(draft.scope());
  if (vars === undefined) return;
  if (vars.ok) {
    for (const [name, value] of Object.entries(vars.value as { [name: string]: Json }))
      draft.save(name, value);
    return;
  }
  draft.state.phase = "failing";
  draft.state.error = expressionError("vars", vars);
}

function beginTime(draft: Draft, delayMs: number): void {
  draft.state.timed = true;
  draft.effects.push({ type: "start_timer", slot: TIMEOUT_SLOT, number: 1, delayMs });
}

/**
 * The interpreter: what a run becomes when these events are recorded, and what is to be done about it. Pure: the same
 * definition, state and events give the same answer on every machine and in every build that `yard verify` has passed.
 * Events that are advanced together are settled together. Those that stop the run are applied after the others, which
 * then start nothing: no effect stops what an effect of the same advance starts.
 */
export function advance(
  workflow: WorkflowDefinition,
  state: RunState,
  events: readonly RunEvent[],
): Advanced {
  const draft = draftOf(workflow, state, events.at(-1)?.at ?? 0);
  const stops = events.map((event) => stopOf(event));
  const abandoned = events.findIndex(isAbandoned);
  const goesOn = abandoned < 0 && !stops.some((kind) => kind !== undefined && isStop(draft, kind));
  const verdicts = events.map((event, i) => {
    if (event.type === "paused" || event.type === "resumed") return applyPause(draft, event);
    if (isAbandoned(event)) return "late";
    return stops[i] === undefined ? applyToSlot(draft, event as SlotWord, goesOn) : "late";
  });
  for (const [i, kind] of stops.entries())
    if (kind !== undefined) verdicts[i] = applyStop(draft, kind, events[i] as RunEvent);
  const last = events[abandoned];
  if (last !== undefined && isAbandoned(last)) verdicts[abandoned] = applyAbandoned(draft, last);
  if (verdicts.includes("applied")) settle(draft);
  return { state: draft.state, effects: withoutWithdrawn(draft.effects), verdicts };
}

type SlotWord = AttemptEnded | TimerDue | ChildEnded | InquiryAnswered;

function applyToSlot(draft: Draft, event: SlotWord, goesOn: boolean): Verdict {
  if (draft.state.phase === "ended") return "late";
  const { step: id, index, isUndo } = parseSlotKey(event.slot);
  const step = draft.plan.steps.get(id);
  const slot = draft.state.steps[id]?.slots[index];
  if (step === undefined || slot === undefined) return "late";
  return isUndo
    ? moveUndoOf(draft, step, slot, index, event)
    : move(draft, step, index, event, goesOn);
}

function move(
  draft: Draft,
  step: StepDefinition,
  index: number,
  event: SlotWord,
  goesOn: boolean,
): Verdict {
  const slot = draft.state.steps[step.id]?.slots[index] as SlotState;
  const starts = goesOn && isStarting(draft.state.phase);
  const moved = moveSlot(slot, event, {
    ...{ step, slot: slotKey(step, index), run: draft.state.facts.id, starts, at: draft.at },
    item: draft.state.steps[step.id]?.items?.[index],
  });
  if (moved === undefined) return "late";
  putSlot(draft.touch(step.id), index, moved.next);
  draft.effects.push(...moved.effects);
  draft.toMove.push(step);
  draft.state.resultBytes += resultBytes(event);
  if (moved.next.phase === "success") noteUndoable(step, draft, index);
  return "applied";
}

function moveUndoOf(
  draft: Draft,
  step: StepDefinition,
  slot: SlotState,
  index: number,
  event: SlotWord,
): Verdict {
  if (step.undo === undefined || slot.undo === undefined) return "late";
  const key = undoKey(slotKey(step, index));
  const run = draft.state.facts.id;
  const context = { step: step.undo, slot: key, run, starts: true, at: draft.at };
  const moved = moveSlot(slot.undo, event, context);
  if (moved === undefined) return "late";
  draft.touch(step.id).slots[index] = { ...slot, undo: moved.next };
  draft.effects.push(...moved.effects);
  return "applied";
}
