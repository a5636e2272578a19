import { isFinal, type StepStatus } from "@yardmaster/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StepDefinition, WorkflowDefinition } from "../definitions/index.ts";
import {
  type Advanced,
  advance,
  begin,
  describeEffect,
  type Effect,
  isSlotFinal,
  NOTHING_REUSED,
  parseSlotKey,
  type Reused,
  RUN_PHASES,
  type RunEvent,
  type RunState,
  reusableOf,
  type SlotState,
  type StepState,
  timeKey,
} from "./index.ts";
import { answered, CANCEL, childEnded, ended, FACTS } from "./testing/build.ts";
import { type Happening, happenings, workflows } from "./testing/random-workflow.ts";

type Kind = "attempt" | "timer" | "child" | "question";

/** What a run's own effects say is out there: an attempt with a worker or waiting for one, a timer, a child run, a question. */
interface Outside {
  readonly open: Map<
    string,
    { readonly slot: string; readonly number: number; readonly kind: Kind }
  >;
  /** The times of questions, which are never there without them. */
  readonly times: Set<string>;
  finishes: number;
}

const KINDS = {
  dispatch: "attempt",
  start_timer: "timer",
  start_child: "child",
  ask: "question",
} as const;

function follow(
  outside: Outside,
  effects: readonly Effect[],
  events: readonly RunEvent[],
  advanced: Advanced,
): void {
  events.forEach((event, i) => {
    if (!("slot" in event) || advanced.verdicts[i] !== "applied") return;
    const key = `${event.slot}/${event.number}`;
    if (parseSlotKey(event.slot).isTime) expect(outside.times.delete(key)).toBe(true);
    expect(outside.open.delete(key.replace("~time", ""))).toBe(true);
  });
  const started = new Set<string>();
  for (const effect of effects) {
    if (effect.type === "finish") {
      outside.finishes++;
      continue;
    }
    const key = `${effect.slot}/${effect.number}`;
    if (effect.type === "settle_inquiry") {
      expect(started.has(key)).toBe(false);
      const isWithdrawn = effect.status === "canceled";
      expect(outside.open.get(key)?.kind).toBe(isWithdrawn ? "question" : undefined);
      outside.open.delete(key);
    } else if (effect.type === "start_timer" && parseSlotKey(effect.slot).isTime) {
      expect(outside.open.has(key.replace("~time", ""))).toBe(true);
      outside.times.add(key);
    } else if (effect.type === "stop" && parseSlotKey(effect.slot).isTime) {
      expect(outside.open.has(key.replace("~time", ""))).toBe(false);
      expect(outside.times.delete(key)).toBe(true);
    } else if (effect.type === "stop" || effect.type === "stop_child") {
      const kind = outside.open.get(key)?.kind;
      // In one statement, what is withdrawn would not be there yet.
      expect(started.has(key)).toBe(false);
      expect(kind === "child").toBe(effect.type === "stop_child");
      expect(kind).toBeDefined();
      if (kind === "timer") outside.open.delete(key);
    } else {
      const { slot, number } = effect;
      // Never two open attempts of one slot: what it starts, it starts when the last has ended.
      expect([...outside.open.values()].filter((one) => one.slot === slot)).toEqual([]);
      started.add(key);
      outside.open.set(key, { slot, number, kind: KINDS[effect.type] });
    }
  }
}

function eventFor(
  outside: Outside,
  { kind, pick, stale }: Happening,
  at: number,
): RunEvent | undefined {
  if (kind === "cancel") return pick < 3 ? { ...CANCEL, at } : undefined;
  const open = [...outside.open.values()];
  const one = open[pick % Math.max(open.length, 1)];
  if (one === undefined) return undefined;
  const number = one.number + (stale ? 1 - (pick % 3) || 1 : 0);
  if (one.kind === "question") {
    const slot = timeKey(one.slot);
    const isTimed = outside.times.has(`${slot}/${one.number}`);
    if (isTimed && kind === "due") return { type: "timer_due", slot, number, at };
    const decision = ["repeat", "done", "fail"][pick % 3] ?? "";
    return answered(one.slot, number, { decision, output: pick }, { at });
  }
  if (one.kind === "timer") return { type: "timer_due", slot: one.slot, number, at };
  const more = { at, random: pick / 20 };
  const status = kind === "due" ? "success" : kind;
  if (one.kind === "attempt") return ended(one.slot, number, status, more);
  return childEnded(one.slot, number, status === "lost" ? "failed" : status, more);
}

const slotsOf = (state: RunState): SlotState[] =>
  Object.values(state.steps)
    .flatMap(({ slots }) => slots)
    .flatMap((slot) => (slot.undo === undefined ? [slot] : [slot, slot.undo]));

const isOpen = (slot: SlotState): boolean => slot.phase !== "idle" && !isSlotFinal(slot);

function checkStep(step: StepDefinition, state: RunState): void {
  const { phase, slots, open, next } = state.steps[step.id] as StepState;
  expect(open).toBe(slots.filter(isOpen).length);
  expect(open).toBeLessThanOrEqual(step.forEach?.concurrency ?? 1);
  expect(slots.slice(next).every((slot) => slot.phase === "idle")).toBe(true);
  expect(slots.length).toBeLessThanOrEqual(step.repeat === undefined ? 5 : 4);
  const needs = step.needs.map((id) => (state.steps[id] as StepState).phase as StepStatus);
  if (phase === "active") expect(needs.every(isFinal)).toBe(true);
  if (phase !== "active") expect(open).toBe(0);
  for (const slot of slots) {
    expect(slot.tries).toBeLessThanOrEqual(step.retry.attempts);
    expect(slot.lostInRow).toBeLessThanOrEqual(3);
    expect(slot.tries).toBe(slot.attempts.filter(({ status }) => status !== "lost").length);
  }
}

/** Without what undoes it, which comes after it is final. */
function ownOf(step: StepState): StepState {
  return { ...step, slots: step.slots.map(({ undo: _, ...slot }) => slot) };
}

/** What is final stays as it was; a slot's number only grows; phases only go on. */
function checkForward(before: RunState, after: RunState): void {
  if (before.phase === "ended") expect(after).toEqual(before);
  expect(RUN_PHASES.indexOf(after.phase)).toBeGreaterThanOrEqual(
    // A cancel comes back from a list of handlers, and from a time that is over.
    after.phase === "canceling" ? 0 : RUN_PHASES.indexOf(before.phase),
  );
  for (const [id, step] of Object.entries(before.steps)) {
    const next = after.steps[id] as StepState;
    if (isFinal(step.phase as StepStatus)) expect(ownOf(next)).toEqual(ownOf(step));
    step.slots.forEach((slot, i) => {
      const later = next.slots[i] as SlotState;
      if (slot.undo !== undefined && isSlotFinal(slot.undo)) expect(later).toEqual(slot);
      expect(later.number).toBeGreaterThanOrEqual(slot.number);
      expect(later.attempts.slice(0, slot.attempts.length)).toEqual(slot.attempts);
    });
  }
}

/** What must be true of the cleanup of a run that has ended. */
function checkCleanup(definition: WorkflowDefinition, state: RunState): void {
  const isDone = ({ id }: StepDefinition): boolean =>
    isFinal((state.steps[id]?.phase ?? "queued") as StepStatus);
  expect((definition.finally ?? []).every(isDone)).toBe(true);
  const isBad =
    state.status === "timed_out" || (state.status === "failed" && !isLateFailure(state));
  if (isBad) expect((definition.onFailure ?? []).every(isDone)).toBe(true);
  if (state.status === "success") expect(state.unclean).toEqual([]);
  for (const step of definition.steps)
    for (const slot of state.steps[step.id]?.slots ?? []) {
      const isOwn = slot.phase === "success" && !slot.reused && !state.steps[step.id]?.reused;
      const isUndone = (isBad || state.status === "canceled") && isOwn;
      expect(slot.undo !== undefined).toBe(isUndone && step.undo !== undefined);
    }
}

/** Whether the steps succeeded, and only `finally` did not. */
function isLateFailure(state: RunState): boolean {
  const first = state.unclean[0];
  return first !== undefined && state.error?.message === `${first.what}: ${first.error.message}`;
}

/** Plays a run; `onAdvance` sees each advance. What is left open at the end is ended, so every run ends. */
function play(
  definition: WorkflowDefinition,
  story: readonly Happening[],
  onAdvance: (
    before: RunState,
    events: readonly RunEvent[],
    advanced: Advanced,
    outside: Outside,
  ) => void,
  reused: Reused = NOTHING_REUSED,
): RunState {
  const outside: Outside = { open: new Map(), times: new Set(), finishes: 0 };
  const first = begin(definition, {}, FACTS, 0, reused);
  follow(outside, first.effects, [], first);
  let { state } = first;
  let at = 0;
  const post = (events: readonly RunEvent[]): void => {
    const advanced = advance(definition, state, events);
    follow(outside, advanced.effects, events, advanced);
    onAdvance(state, events, advanced, outside);
    state = advanced.state;
  };
  for (const happening of story) {
    const event = eventFor(outside, happening, ++at);
    if (event === undefined) continue;
    // The same word twice in one advance, as a doubled message is, and another attempt's word between.
    const other = eventFor(outside, { ...happening, pick: happening.pick + 1 }, at) ?? event;
    post(happening.together && event.type !== "cancel_requested" ? [event, other, event] : [event]);
  }
  for (let rest = 0; outside.open.size > 0 && rest < 2_000; rest++) {
    const event = eventFor(
      outside,
      { kind: "success", pick: 0, stale: false, together: false },
      ++at,
    );
    if (event !== undefined) post([event]);
  }
  expect(outside).toMatchObject({ open: new Map(), times: new Set(), finishes: 1 });
  return state;
}

describe("any run, whatever happens to it", () => {
  it("ends, once, when nothing is open, and keeps needs, concurrency, tries and what is final", () => {
    fc.assert(
      fc.property(workflows, happenings, (definition, story) => {
        const state = play(definition, story, (before, _, advanced, outside) => {
          checkForward(before, advanced.state);
          for (const { step } of begun(definition, advanced.state)) checkStep(step, advanced.state);
          const open = slotsOf(advanced.state).filter(isOpen);
          expect(outside.open.size).toBe(open.length + (advanced.state.timed ? 1 : 0));
          expect(outside.finishes).toBe(advanced.state.phase === "ended" ? 1 : 0);
        });
        expect(state.phase).toBe("ended");
        expect(isFinal(state.status as StepStatus)).toBe(true);
        checkCleanup(definition, state);
      }),
      { numRuns: 100 },
    );
  });

  it("takes the same decisions when its journal is folded again, read back from text", () => {
    fc.assert(
      fc.property(workflows, happenings, (definition, story) => {
        const journal: { events: string; decisions: string[] }[] = [];
        const state = play(definition, story, (_, events, advanced) => {
          const applied = events.filter((_event, i) => advanced.verdicts[i] === "applied");
          if (applied.length === 0) return;
          const decisions = advanced.effects.map((effect) => describeEffect(effect));
          journal.push({ events: JSON.stringify(applied), decisions });
        });
        let again = begin(definition, {}, FACTS, 0).state;
        for (const { events, decisions } of journal) {
          const advanced = advance(definition, again, JSON.parse(events) as RunEvent[]);
          expect(advanced.effects.map((effect) => describeEffect(effect))).toEqual(decisions);
          again = advanced.state;
        }
        expect(again).toEqual(state);
      }),
      { numRuns: 120 },
    );
  });

  it("ends as canceled once a cancel was taken", () => {
    fc.assert(
      fc.property(workflows, happenings, (definition, story) => {
        let taken = false;
        const state = play(definition, story, (_, [event], { verdicts }) => {
          if (event?.type === "cancel_requested" && verdicts[0] === "applied") taken = true;
        });
        expect(state.status === "canceled").toBe(taken);
      }),
      { numRuns: 120 },
    );
  });

  it("starts no step after it fails, is canceled or out of time: only what cleans up", () => {
    fc.assert(
      fc.property(workflows, happenings, (definition, story) => {
        const steps = new Set(definition.steps.map(({ id }) => id));
        play(definition, story, (before, _, { effects }) => {
          if (before.phase === "running") return;
          for (const effect of effects) {
            if (!(effect.type in KINDS)) continue;
            const { step, isUndo } = parseSlotKey((effect as { slot: string }).slot);
            expect(isUndo || !steps.has(step)).toBe(true);
          }
        });
      }),
      { numRuns: 120 },
    );
  });

  it("undoes each success once, the last first, one at a time, and only when it does not succeed", () => {
    fc.assert(
      fc.property(workflows, happenings, (definition, story) => {
        const order: string[] = [];
        const undone: string[] = [];
        const state = play(definition, story, (before, _, { state: after, effects }) => {
          for (const key of after.undoable) if (!order.includes(key)) order.push(key);
          const started = effects.flatMap((effect) =>
            effect.type in KINDS && parseSlotKey((effect as { slot: string }).slot).isUndo
              ? [(effect as { slot: string }).slot]
              : [],
          );
          for (const slot of started) if (!undone.includes(slot)) undone.push(slot);
          if (started.length > 0) expect(before.outcome).not.toBe("success");
          const opened = slotsOf(after).filter(isOpen).length;
          if (after.phase === "undoing") expect(opened).toBe(1);
        });
        const places = undone.map((slot) => order.indexOf(slot.replace("~undo", "")));
        expect(places).toEqual(places.toSorted((a, b) => b - a));
        if (state.status === "success") expect(undone).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });
});

describe("a new try of any run, whatever happens to both", () => {
  it("ends, starts nothing that it takes over, and has of that what the first had", () => {
    fc.assert(
      fc.property(workflows, happenings, happenings, (definition, story, next) => {
        const first = play(definition, story, () => {});
        const reused = JSON.parse(JSON.stringify(reusableOf(definition, first))) as Reused;
        const journal: string[] = [];
        const state = play(
          definition,
          next,
          (before, events, advanced) => {
            checkForward(before, advanced.state);
            for (const { step } of begun(definition, advanced.state))
              checkStep(step, advanced.state);
            const applied = events.filter((_event, i) => advanced.verdicts[i] === "applied");
            if (applied.length > 0) journal.push(JSON.stringify(applied));
          },
          reused,
        );
        expect(state.phase).toBe("ended");
        checkCleanup(definition, state);
        checkTaken(definition, first, state);
        let again = begin(definition, {}, FACTS, 0, reused).state;
        for (const events of journal)
          again = advance(definition, again, JSON.parse(events) as RunEvent[]).state;
        expect(again).toEqual(state);
      }),
      { numRuns: 200 },
    );
  });
});

function checkTaken(definition: WorkflowDefinition, first: RunState, state: RunState): void {
  for (const { id } of definition.steps) {
    const before = first.steps[id] as StepState;
    const after = state.steps[id] as StepState;
    if (after.reused)
      expect([after.phase, after.output, after.error]).toEqual([
        before.phase,
        before.output,
        before.error,
      ]);
    for (const [index, slot] of after.slots.entries()) {
      if (!slot.reused) continue;
      expect(slot.attempts).toEqual([]);
      const was = before.slots[index];
      expect([slot.phase, slot.output, slot.input]).toEqual(["success", was?.output, was?.input]);
    }
  }
}

function begun(definition: WorkflowDefinition, state: RunState): { step: StepDefinition }[] {
  const all = [definition.steps, definition.onFailure ?? [], definition.finally ?? []].flat();
  return all.filter(({ id }) => id in state.steps).map((step) => ({ step }));
}
