import { MAX_INSTRUCTIONS } from "../limits.ts";
import { type CharTest, type RegexDialect, RegexSyntaxError } from "./regex-cursor.ts";
import { type Assertion, parseRegex, type RegexNode } from "./regex-parse.ts";

/** A pattern as instructions. Of a split, the way that comes first is preferred. */
export type Instruction =
  | { readonly op: "char"; readonly test: CharTest }
  | { readonly op: "assert"; readonly assertion: Assertion }
  | { readonly op: "split"; readonly to: readonly number[] }
  /** Notes the place in the text: group n begins in slot 2n and ends in 2n + 1. */
  | { readonly op: "save"; readonly slot: number }
  | { readonly op: "match" };

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly groups: number;
}

/** Throws RegexSyntaxError with what is wrong. */
export function programOf(pattern: string, dialect: RegexDialect): Program {
  const { node, groups } = parseRegex(pattern, dialect);
  const instructions: Instruction[] = [];
  generate(instructions, node);
  instructions.push({ op: "match" });
  return { instructions, groups };
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
      generateRepeat(program, node);
      return;
    case "group":
      program.push({ op: "save", slot: 2 * node.number });
      generate(program, node.part);
      program.push({ op: "save", slot: 2 * node.number + 1 });
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

type Repeat = Extract<RegexNode, { readonly kind: "repeat" }>;

function generateRepeat(program: Instruction[], { part, min, max, isLazy }: Repeat): void {
  const forkAt = (fork: number): Instruction => {
    const ways = [fork + 1, program.length];
    return { op: "split", to: isLazy ? ways.reverse() : ways };
  };
  for (let i = 0; i < min; i++) generateCopy(program, part);
  if (max === Number.POSITIVE_INFINITY) {
    const fork = program.push({ op: "split", to: [] }) - 1;
    generate(program, part);
    program.push({ op: "split", to: [fork] });
    program[fork] = forkAt(fork);
    return;
  }
  const forks: number[] = [];
  for (let i = min; i < max; i++) {
    forks.push(program.push({ op: "split", to: [] }) - 1);
    generateCopy(program, part);
  }
  for (const fork of forks) program[fork] = forkAt(fork);
}

/** Each copy has an instruction of its own, so that repeats of nothing inside repeats of nothing come to an end too. */
function generateCopy(program: Instruction[], part: RegexNode): void {
  program.push({ op: "split", to: [program.length + 1] });
  generate(program, part);
}
