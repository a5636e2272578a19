import { isWord } from "./regex-chars.ts";
import { type CharTest, RegexSyntaxError } from "./regex-cursor.ts";
import { type Assertion, parseRegex, type RegexNode } from "./regex-parse.ts";

/**
 * Patterns that end: JavaScript's own RegExp takes exponential time on `(a+)+$`, and an expression must be
 * bounded. All ways through the pattern are followed at once (Thompson's method), so the work is at most the
 * length of the text times the size of the pattern.
 */
export type CompiledRegex =
  | { readonly ok: true; search(text: string, maxVisits: number): RegexSearch }
  | { readonly ok: false; readonly message: string };

/** Whether the pattern is found anywhere, and the states visited; `found` is undefined when these ran out. */
export interface RegexSearch {
  readonly found: boolean | undefined;
  readonly visits: number;
}

type Instruction =
  | { readonly op: "char"; readonly test: CharTest }
  | { readonly op: "assert"; readonly assertion: Assertion }
  | { readonly op: "split"; readonly to: readonly number[] }
  | { readonly op: "match" };

const MAX_PATTERN = 1_000;
const MAX_INSTRUCTIONS = 2_000;
const MAX_CACHED = 200;
const cache = new Map<string, CompiledRegex>();

export function compileRegex(pattern: string): CompiledRegex {
  const cached = cache.get(pattern);
  if (cached !== undefined) return cached;
  const compiled = compile(pattern);
  if (cache.size >= MAX_CACHED) cache.clear();
  if (pattern.length <= MAX_PATTERN) cache.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): CompiledRegex {
  if (pattern.length > MAX_PATTERN)
    return { ok: false, message: `it is longer than ${MAX_PATTERN} characters` };
  try {
    const program: Instruction[] = [];
    generate(program, parseRegex(pattern));
    program.push({ op: "match" });
    return { ok: true, search: (text, maxVisits) => search(program, text, maxVisits) };
  } catch (error) {
    if (error instanceof RegexSyntaxError) return { ok: false, message: error.message };
    throw error;
  }
}

function generate(program: Instruction[], node: RegexNode): void {
  if (program.length > MAX_INSTRUCTIONS) throw new RegexSyntaxError("it repeats too much");
  switch (node.kind) {
    case "empty":
      return;
    case "char":
      program.push({ op: "char", test: node.test });
      return;
    case "assert":
      program.push({ op: "assert", assertion: node.assertion });
      return;
    case "sequence":
      for (const part of node.parts) generate(program, part);
      return;
    case "choice":
      generateChoice(program, node.parts);
      return;
    case "repeat":
      generateRepeat(program, node.part, node.min, node.max);
      return;
  }
}

function generateChoice(program: Instruction[], parts: readonly RegexNode[]): void {
  const fork = program.push({ op: "split", to: [] }) - 1;
  const starts: number[] = [];
  const exits: number[] = [];
  for (const part of parts) {
    starts.push(program.length);
    generate(program, part);
    exits.push(program.push({ op: "split", to: [] }) - 1);
  }
  program[fork] = { op: "split", to: starts };
  for (const exit of exits) program[exit] = { op: "split", to: [program.length] };
}

function generateRepeat(program: Instruction[], part: RegexNode, min: number, max: number): void {
  for (let i = 0; i < min; i++) generateCopy(program, part);
  if (max === Number.POSITIVE_INFINITY) {
    const fork = program.push({ op: "split", to: [] }) - 1;
    generate(program, part);
    program.push({ op: "split", to: [fork] });
    program[fork] = { op: "split", to: [fork + 1, program.length] };
    return;
  }
  const forks: number[] = [];
  for (let i = min; i < max; i++) {
    forks.push(program.push({ op: "split", to: [] }) - 1);
    generateCopy(program, part);
  }
  for (const fork of forks) program[fork] = { op: "split", to: [fork + 1, program.length] };
}

/** Each copy has an instruction of its own, so that repeats of nothing inside repeats of nothing come to an end too. */
function generateCopy(program: Instruction[], part: RegexNode): void {
  program.push({ op: "split", to: [program.length + 1] });
  generate(program, part);
}

function search(program: readonly Instruction[], text: string, maxVisits: number): RegexSearch {
  const seenAt = new Int32Array(program.length).fill(-1);
  let visits = program.length >> 3;
  let active: number[] = [];
  let before = -1;
  for (let at = 0; ; ) {
    const code = at < text.length ? (text.codePointAt(at) as number) : -1;
    // A match may begin at any place, so the start joins the states of every place.
    const pending = [0, ...active.reverse()];
    const chars: number[] = [];
    while (pending.length > 0) {
      const index = pending.pop() as number;
      if (seenAt[index] === at) continue;
      seenAt[index] = at;
      if (++visits > maxVisits) return { found: undefined, visits };
      const instruction = program[index] as Instruction;
      if (instruction.op === "match") return { found: true, visits };
      if (instruction.op === "char") chars.push(index);
      else if (instruction.op === "split") pending.push(...instruction.to);
      else if (holds(instruction.assertion, before, code)) pending.push(index + 1);
    }
    if (code < 0) return { found: false, visits };
    active = chars
      .filter((index) => (program[index] as { test: CharTest }).test(code))
      .map((index) => index + 1);
    visits += chars.length;
    before = code;
    at += code > 0xffff ? 2 : 1;
  }
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
