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
  parseSlotKey,
  type RunEvent,
  type RunState,
  type SlotState,
  type StepState,
} from "./index.ts";
import { CANCEL, ended, FACTS } from "./testing/build.ts";
import { type Happening, happenings, workflows } from "./testing/random-workflow.ts";

/** What a run's own effects say is out there: an attempt with a worker or waiting for one, or a timer. */
interface Outside {
  readonly open: Map<
    string,
    { readonly slot: string; readonly number: number; readonly isTimer: boolean }
  >;
  finishes: number;
}

function follow(
  outside: Outside,
  effects: readonly Effect[],
  events: readonly RunEvent[],
  advanced: Advanced,
): void {
  events.forEach((event, i) => {
    if (event.type !== "cancel_requested" && advanced.verdicts[i] === "applied")
      expect(outside.open.delete(`${event.slot}/${event.number}`)).toBe(true);
  });
  for (const effect of effects) {
    if (effect.type === "finish") outside.finishes++;
    else if (effect.type === "stop") {
      const key = `${effect.slot}/${effect.number}`;
      expect(outside.open.has(key)).toBe(true);
      if (outside.open.get(key)?.isTimer) outside.open.delete(key);
    } else {
      const { slot, number } = effect;
      // Never two open attempts of one slot: what it starts, it starts when the last has ended.
      expect([...outside.open.values()].filter((one) => one.slot === slot)).toEqual([]);
      outside.open.set(`${slot}/${number}`, {
        slot,
        number,
        isTimer: effect.type === "start_timer",
      });
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
  if (one.isTimer) return { type: "timer_due", slot: one.slot, number, at };
  return ended(one.slot, number, kind === "due" ? "success" : kind, { at, random: pick / 20 });
}

const slotsOf = (state: RunState): SlotState[] =>
  Object.values(state.steps).flatMap(({ slots }) => slots);

function checkStep(definition: WorkflowDefinition, step: StepDefinition, state: RunState): void {
  const { phase, slots } = state.steps[step.id] as StepState;
  const open = slots.filter((slot) => slot.phase !== "idle" && !isSlotFinal(slot)).length;
  expect(open).toBeLessThanOrEqual(step.forEach?.concurrency ?? 1);
  const needs = step.needs.map((id) => (state.steps[id] as StepState).phase as StepStatus);
  if (phase === "active") expect(needs.every(isFinal)).toBe(true);
  if (phase !== "active") expect(open).toBe(0);
  for (const slot of slots) {
    expect(slot.tries).toBeLessThanOrEqual(step.retry.attempts);
    expect(slot.lostInRow).toBeLessThanOrEqual(3);
    expect(slot.tries).toBe(slot.attempts.filter(({ status }) => status !== "lost").length);
  }
  expect(definition.steps).toContain(step);
}

/** What is final stays as it was; a slot's number only grows. */
function checkForward(before: RunState, after: RunState): void {
  if (before.phase === "ended") expect(after).toEqual(before);
  for (const [id, step] of Object.entries(before.steps)) {
    const next = after.steps[id] as StepState;
    if (isFinal(step.phase as StepStatus)) expect(next).toEqual(step);
    step.slots.forEach((slot, i) => {
      const later = next.slots[i] as SlotState;
      if (isSlotFinal(slot)) expect(later).toEqual(slot);
      expect(later.number).toBeGreaterThanOrEqual(slot.number);
      expect(later.attempts.slice(0, slot.attempts.length)).toEqual(slot.attempts);
    });
  }
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
): RunState {
  const outside: Outside = { open: new Map(), finishes: 0 };
  const first = begin(definition, {}, FACTS, 0);
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
    // The same word twice in one advance, as a doubled message is.
    post(happening.together && event.type !== "cancel_requested" ? [event, event] : [event]);
  }
  for (let rest = 0; outside.open.size > 0 && rest < 2_000; rest++) {
    const event = eventFor(
      outside,
      { kind: "success", pick: 0, stale: false, together: false },
      ++at,
    );
    if (event !== undefined) post([event]);
  }
  expect(outside).toMatchObject({ open: new Map(), finishes: 1 });
  return state;
}

describe("any run, whatever happens to it", () => {
  it("ends, once, when nothing is open, and keeps needs, concurrency, tries and what is final", () => {
    fc.assert(
      fc.property(workflows, happenings, (definition, story) => {
        const state = play(definition, story, (before, _, advanced, outside) => {
          checkForward(before, advanced.state);
          for (const step of definition.steps) checkStep(definition, step, advanced.state);
          const open = slotsOf(advanced.state).filter(
            (slot) => slot.phase !== "idle" && !isSlotFinal(slot),
          );
          expect(outside.open.size).toBe(open.length);
          expect(outside.finishes).toBe(advanced.state.phase === "ended" ? 1 : 0);
        });
        expect(state.phase).toBe("ended");
        expect(isFinal(state.status as StepStatus)).toBe(true);
      }),
      { numRuns: 150 },
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
      { numRuns: 200 },
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
      { numRuns: 200 },
    );
  });

  it("starts nothing after it fails or is canceled", () => {
    fc.assert(
      fc.property(workflows, happenings, (definition, story) => {
        play(definition, story, (before, _, { effects }) => {
          if (before.phase === "running") return;
          const starts = effects.filter(
            ({ type }) => type === "dispatch" || type === "start_timer",
          );
          expect(starts.map((effect) => parseSlotKey((effect as { slot: string }).slot))).toEqual(
            [],
          );
        });
      }),
      { numRuns: 200 },
    );
  });
});
