import { MAX_PATTERN } from "../limits.ts";
import { isWord } from "./regex-chars.ts";
import { type CharTest, type RegexDialect, RegexSyntaxError } from "./regex-cursor.ts";
import type { Assertion } from "./regex-parse.ts";
import { type Program, programOf } from "./regex-program.ts";

/**
 * Patterns that end: JavaScript's own RegExp takes exponential time on `(a+)+$`, and an expression must be
 * bounded. All ways through the pattern are followed at once (Thompson's method, with Pike's for groups), so
 * the work is at most the length of the text times the size of the pattern.
 */
export type CompiledRegex =
  | {
      readonly ok: true;
      /** Capturing groups, without the whole match. */
      readonly groups: number;
      search(text: string, maxVisits: number): RegexSearch;
      find(text: string, from: number, maxVisits: number): RegexFind;
    }
  | { readonly ok: false; readonly message: string };

/** Whether the pattern is found anywhere, and the states visited; `found` is undefined when these ran out. */
export interface RegexSearch {
  readonly found: boolean | undefined;
  readonly visits: number;
}

/**
 * The first match at or after a place: where the whole and each group begin (at 2n) and end (at 2n + 1), in
 * UTF-16 units, with holes for groups that took no part. `isCut` when the visits ran out.
 */
export interface RegexFind {
  readonly slots: readonly (number | undefined)[] | undefined;
  readonly visits: number;
  readonly isCut?: true;
}

const MAX_CACHED = 200;
const cache = new Map<string, CompiledRegex>();

export function compileRegex(pattern: string, dialect: RegexDialect = "re2"): CompiledRegex {
  const key = `${dialect} ${pattern}`;
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const compiled = compile(pattern, dialect);
  if (cache.size >= MAX_CACHED) cache.clear();
  if (pattern.length <= MAX_PATTERN) cache.set(key, compiled);
  return compiled;
}

function compile(pattern: string, dialect: RegexDialect): CompiledRegex {
  if (pattern.length > MAX_PATTERN)
    return { ok: false, message: `it is longer than ${MAX_PATTERN} characters` };
  try {
    const program = programOf(pattern, dialect);
    return {
      ok: true,
      groups: program.groups,
      search: (text, maxVisits) => search(program, text, maxVisits),
      find: (text, from, maxVisits) => find(program, text, from, maxVisits),
    };
  } catch (error) {
    if (error instanceof RegexSyntaxError) return { ok: false, message: error.message };
    throw error;
  }
}

function search({ instructions }: Program, text: string, maxVisits: number): RegexSearch {
  const seenAt = new Int32Array(instructions.length).fill(-1);
  let visits = instructions.length >> 3;
  let active: number[] = [];
  let before = -1;
  for (let at = 0; ; ) {
    const code = codeAt(text, at);
    // A match may begin at any place, so the start joins the states of every place.
    const pending = [0, ...active.reverse()];
    const chars: number[] = [];
    while (pending.length > 0) {
      const index = pending.pop() as number;
      if (seenAt[index] === at) continue;
      seenAt[index] = at;
      if (++visits > maxVisits) return { found: undefined, visits };
      const instruction = instructions[index];
      if (instruction === undefined) continue;
      if (instruction.op === "match") return { found: true, visits };
      if (instruction.op === "char") chars.push(index);
      else if (instruction.op === "split") pending.push(...instruction.to);
      else if (instruction.op === "save" || holds(instruction.assertion, before, code))
        pending.push(index + 1);
    }
    if (code < 0) return { found: false, visits };
    active = chars.filter((index) => testOf(instructions[index])(code)).map((index) => index + 1);
    visits += chars.length;
    before = code;
    at += code > 0xffff ? 2 : 1;
  }
}

/** One way through the pattern, and where it has found its groups so far. */
interface Thread {
  readonly index: number;
  readonly slots: readonly (number | undefined)[];
}

/** Ways are kept in the order of preference; those after one that has matched are given up. */
function find(
  { instructions, groups }: Program,
  text: string,
  from: number,
  maxVisits: number,
): RegexFind {
  const seenAt = new Int32Array(instructions.length).fill(-1);
  let visits = instructions.length >> 3;
  let threads: Thread[] = [];
  let found: Thread["slots"] | undefined;
  let before = codeBefore(text, from);
  for (let at = from; ; ) {
    const code = codeAt(text, at);
    if (found === undefined) threads.push({ index: 0, slots: [at] });
    if (threads.length === 0) return { slots: found, visits };
    const pending = threads.reverse();
    const chars: Thread[] = [];
    while (pending.length > 0) {
      const { index, slots } = pending.pop() as Thread;
      if (seenAt[index] === at) continue;
      seenAt[index] = at;
      if (++visits > maxVisits) return { slots: undefined, visits, isCut: true };
      const instruction = instructions[index];
      if (instruction === undefined) continue;
      if (instruction.op === "match") {
        found = withSlot(slots, 1, at);
        break;
      }
      if (instruction.op === "char") chars.push({ index, slots });
      else if (instruction.op === "split") {
        for (const to of instruction.to.toReversed()) pending.push({ index: to, slots });
      } else if (instruction.op === "save") {
        visits += groups >> 1;
        pending.push({ index: index + 1, slots: withSlot(slots, instruction.slot, at) });
      } else if (holds(instruction.assertion, before, code))
        pending.push({ index: index + 1, slots });
    }
    if (code < 0) return { slots: found, visits };
    threads = chars
      .filter(({ index }) => testOf(instructions[index])(code))
      .map(({ index, slots }) => ({ index: index + 1, slots }));
    visits += chars.length;
    before = code;
    at += code > 0xffff ? 2 : 1;
  }
}

function withSlot(slots: Thread["slots"], slot: number, at: number): Thread["slots"] {
  const copy = [...slots];
  copy[slot] = at;
  return copy;
}

function testOf(instruction: Program["instructions"][number] | undefined): CharTest {
  return instruction?.op === "char" ? instruction.test : () => false;
}

function codeAt(text: string, at: number): number {
  return text.codePointAt(at) ?? -1;
}

function codeBefore(text: string, at: number): number {
  const unit = codeAt(text, at - 1);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 1 ? codeAt(text, at - 2) : unit;
}

function holds(assertion: Assertion, before: number, after: number): boolean {
  switch (assertion) {
    case "start":
      return before < 0;
    case "end":
      return after < 0;
    case "lineStart":
      return before < 0 || before === 10;
    case "lineEnd":
      return after < 0 || after === 10;
    case "word":
      return isWord(before) !== isWord(after);
    case "notWord":
      return isWord(before) === isWord(after);
  }
}
