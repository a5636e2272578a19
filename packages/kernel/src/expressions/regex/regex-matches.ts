import { evaluationFailure, Failure } from "../failure.ts";
import { type Frame, step } from "../frame.ts";
import { type CompiledRegex, compileRegex } from "./regex.ts";

/** Matching at the cost of steps. */

/** States of a pattern that are visited for one step when only asking whether there is a match. */
const VISITS_PER_STEP = 4;
/** Finding where it stands keeps groups for each state, and each match begins anew. */
const FIND_STEPS = 4;

export type Pattern = Extract<CompiledRegex, { readonly ok: true }>;

/** One match; holes are groups that took no part. */
export interface Match {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

export function patternProblem(pattern: string): string | undefined {
  const regex = compileRegex(pattern);
  return regex.ok
    ? undefined
    : `the pattern ${JSON.stringify(pattern.slice(0, 80))} cannot be used: ${regex.message}`;
}

export function patternOf(pattern: string): Pattern | Failure {
  const regex = compileRegex(pattern);
  return regex.ok ? regex : evaluationFailure(patternProblem(pattern) ?? "");
}

export function testPattern(text: string, pattern: string, frame: Frame): boolean | Failure {
  const regex = patternOf(pattern);
  if (regex instanceof Failure) return regex;
  const { found, visits } = regex.search(text, maxVisits(frame));
  return (found === undefined ? tooLong(frame) : pay(frame, visits)) ?? found === true;
}

/** The matches from left to right, none of them empty right after another, as RE2 has it; at most `limit`. */
export function matchesOf(
  text: string,
  regex: Pattern,
  frame: Frame,
  limit = Number.POSITIVE_INFINITY,
): readonly Match[] | Failure {
  const matches: Match[] = [];
  let lastEnd = -1;
  for (let at = 0; at <= text.length && matches.length < limit; ) {
    const { slots, visits, isCut } = regex.find(text, at, Math.max(0, frame.steps));
    const failure = isCut ? tooLong(frame) : step(frame, visits + FIND_STEPS);
    if (failure !== undefined) return failure;
    if (slots === undefined) break;
    const [start = 0, end = 0] = slots;
    if (end > start || start !== lastEnd) matches.push(matchOf(text, slots, regex.groups));
    lastEnd = end;
    at = end > start ? end : end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
  }
  return matches;
}

function matchOf(text: string, slots: readonly (number | undefined)[], count: number): Match {
  const groups = Array.from({ length: count + 1 }, (_, group) => {
    const [from, to] = [slots[2 * group], slots[2 * group + 1]];
    return from === undefined || to === undefined ? undefined : text.slice(from, to);
  });
  return { start: slots[0] ?? 0, end: slots[1] ?? 0, groups };
}

function maxVisits(frame: Frame): number {
  return Math.max(0, frame.steps) * VISITS_PER_STEP;
}

function pay(frame: Frame, visits: number): Failure | undefined {
  return step(frame, Math.ceil(visits / VISITS_PER_STEP));
}

function tooLong(frame: Frame): Failure | undefined {
  return step(frame, frame.steps + 1);
}
