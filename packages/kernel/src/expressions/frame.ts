import type { Scope } from "./expression.ts";
import { type Failure, limitFailure } from "./failure.ts";
import { MAX_ALLOCATED, MAX_RESULT, MAX_STEPS } from "./limits.ts";

/** One evaluation under way: its variables, and what is left of its budgets. */
export interface Frame {
  readonly scope: Scope;
  /** Variables of macros, by their depth. */
  readonly locals: unknown[];
  steps: number;
  allocation: number;
  result: number;
}

/** A compiled node: gives a value or a Failure, and never throws. */
export type Run = (frame: Frame) => unknown;

export function createFrame(scope: Scope): Frame {
  return { scope, locals: [], steps: MAX_STEPS, allocation: MAX_ALLOCATED, result: MAX_RESULT };
}

const TOO_LONG = limitFailure(
  `the expression takes more than ${MAX_STEPS} steps; filter the lists it goes through first, or do this in an action`,
);
const TOO_LARGE = limitFailure(
  `the expression makes more than ${MAX_ALLOCATED} characters or list elements on its way; take less of each value first, or do this in an action`,
);
const RESULT_TOO_LARGE = limitFailure(
  `the result is larger than ${MAX_RESULT} bytes of JSON; take only what is needed of it, or hand over where it is`,
);

/** Takes steps from the budget; the Failure when it is used up. */
export function step(frame: Frame, steps: number): Failure | undefined {
  frame.steps -= steps;
  return frame.steps < 0 ? TOO_LONG : undefined;
}

/** Accounts for characters or elements about to be made; the Failure when they are too many. */
export function allocate(frame: Frame, size: number): Failure | undefined {
  frame.allocation -= size;
  return frame.allocation < 0 ? TOO_LARGE : step(frame, size >> 4);
}

/** Accounts for a part of the result as JSON text. */
export function emit(frame: Frame, size: number): Failure | undefined {
  frame.result -= size;
  return frame.result < 0 ? RESULT_TOO_LARGE : undefined;
}
