import { type AttemptEnded, advance, type Effect } from "@yardmaster/kernel";
import { type OpFrameDeps, opFrame } from "../commit/op-frame.ts";
import { runOp } from "../commit/run-op.ts";
import type { Decided, Instants, Reserve, RunOp } from "../commit/run-op.types.ts";
import type { Assignment } from "../worker/assignment.ts";
import { INSTANT, isInstant } from "../worker/runner-kind.ts";
import type { KeptRun } from "./kept-run.ts";
import type { Prepared } from "./prepare-run.ts";

export interface BirthDeps extends OpFrameDeps {
  readonly worker: {
    readonly reserve: Reserve;
    carryOutInstantly(assignment: Assignment): AttemptEnded;
  };
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** A run about to be written for the first time. */
export interface Birth {
  readonly op: RunOp;
  readonly instants: Instants;
  readonly decided: Decided;
}

export function birthOf(deps: BirthDeps, { run, advanced, reused }: Prepared): Birth {
  const create = {
    ref: run.ref,
    packDigest: run.packDigest,
    input: JSON.stringify(run.state.input),
    createdAt: run.createdAt,
    createdBy: run.createdBy,
    eventId: run.eventId,
    rule: run.rule,
    retryOf: run.retryOf,
    traceparent: run.traceparent,
    parent: run.parent,
  };
  // Later than the run was created: a child waits for its birth as long as its parent is paused.
  const bornAt = deps.now();
  const decided = bornWith(deps, run, advanced.effects, bornAt);
  const at = new Date(decided.events[0]?.at ?? bornAt);
  const frame = {
    ...opFrame(deps, run, at),
    create,
    ...(reused === undefined ? {} : { reused }),
  };
  return { decided, ...runOp(frame, decided, [], deps.worker.reserve) };
}

/**
 * A run that begins with an instant attempt is born with its result: nobody has heard of the run before, so nothing
 * is lost if the attempt ends and the birth does not become durable. What comes next waits until it is.
 */
function bornWith(
  { worker }: BirthDeps,
  { workflow, state, ...run }: KeptRun,
  effects: readonly Effect[],
  bornAt: number,
): Decided {
  const carried = effects.find(beginsInstantly);
  if (carried === undefined || !worker.reserve(INSTANT)) return { events: [], state, effects };
  const event = worker.carryOutInstantly(assignmentOf(run, carried, bornAt));
  const advanced = advance(workflow, state, [event]);
  return {
    events: [event],
    state: advanced.state,
    effects: [...effects, ...advanced.effects],
    carried,
  };
}

type Dispatch = Extract<Effect, { type: "dispatch" }>;

function beginsInstantly(effect: Effect): effect is Dispatch {
  return (
    effect.type === "dispatch" &&
    effect.delayMs === 0 &&
    effect.step.queue === undefined &&
    isInstant(effect.step.action)
  );
}

/** The attempt that an effect asks for, taken by this process at `leasedAt` (Unix milliseconds). */
export function assignmentOf(
  run: Pick<KeptRun, "id" | "traceparent">,
  { slot, number, step, input, files, idempotencyKey }: Dispatch,
  leasedAt: number,
): Assignment {
  const { id: runId, traceparent } = run;
  return {
    ...{ runId, slot, number, step, input, traceparent, leasedAt },
    ...(files === undefined ? {} : { files }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}
