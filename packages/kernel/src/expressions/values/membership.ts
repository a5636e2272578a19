import type { Failure } from "../failure.ts";
import { type Frame, step } from "../frame.ts";
import { equal } from "./equality.ts";

/** Values to look others up in: texts, numbers and the like at once, lists and maps one by one. */
export interface Membership {
  has(value: unknown): boolean | Failure;
  add(value: unknown): void;
}

export function createMembership(frame: Frame): Membership {
  const scalars = new Set<unknown>();
  const others: unknown[] = [];
  const isScalar = (value: unknown) => typeof value !== "object" || value === null;
  return {
    add(value) {
      if (isScalar(value)) scalars.add(value);
      else others.push(value);
    },
    has(value) {
      if (isScalar(value) && scalars.has(value)) return true;
      // A text may still be equal to a time: those of the scope are text.
      if (isScalar(value) && typeof value !== "string") return false;
      for (const other of others) {
        const same = step(frame, 1) ?? equal(value, other, frame);
        if (same !== false) return same;
      }
      return step(frame, 1) ?? false;
    },
  };
}

export function membershipOf(values: readonly unknown[], frame: Frame): Membership | Failure {
  const failure = step(frame, values.length);
  if (failure !== undefined) return failure;
  const membership = createMembership(frame);
  for (const value of values) membership.add(value);
  return membership;
}

/** Whether each value is a member. */
export function allIn(values: readonly unknown[], membership: Membership): boolean | Failure {
  for (const value of values) {
    const has = membership.has(value);
    if (has !== true) return has;
  }
  return true;
}
