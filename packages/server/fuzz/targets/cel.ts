import { compileExpression, judge, type TypeEnvironment } from "@yardmaster/kernel";
import { type FuzzTarget, must, wordFor } from "../target.ts";
import { CEL_WORDS, DECLARED, SCOPE, UNDECLARED } from "./scope.ts";

const SCOPE_TEXT = JSON.stringify(SCOPE);

/** An expression: compiled with and without declared types, evaluated, and judged as a rule's condition. */
export const celTarget: FuzzTarget = {
  name: "cel",
  limitMs: 1_500,
  seeds: [
    "input.n + 1 > 2 && input.people.exists(p, p.startsWith('A'))",
    "size(input.people) == 3 ? input.deep.a.b[0].c : default(input.nope, 'x')",
    "input.people.map(p, {'name': p, 'n': size(p)}).filter(x, x.n % 2 == 0)",
    "timestamp(input.at) + duration('1h') > timestamp('2026-01-01T00:00:00Z')",
    'has(event.data.issue.number) && event.data.issue.labels.all(l, l.name != "y")',
    "input['a-b'] || !(1.5 in [1, 2.5]) || b'\\xff' == bytes('é')",
    "input.name.matches('^A.*a$') ? string(-5 / 2) + 'x' : r'\\n'",
    "[1, 2, 3].map(x, [1, 2, 3].map(y, x * y))",
  ],
  words: CEL_WORDS,
  run(input) {
    const source = input.toString("utf8");
    return [UNDECLARED, DECLARED].map((types) => outcomeOf(source, types)).join(" / ");
  },
};

function outcomeOf(source: string, types: TypeEnvironment): string {
  const compiled = compileExpression(source, types);
  if (!compiled.ok) {
    const [first] = compiled.errors;
    must(first !== undefined, "refused without a reason");
    for (const { message, offset } of compiled.errors) {
      must(message !== "", "an error says nothing");
      must(offset >= 0 && offset <= source.length, "an error stands outside", offset, message);
    }
    return wordFor(first.message);
  }
  const first = compiled.value.evaluate(SCOPE);
  must(JSON.stringify(SCOPE) === SCOPE_TEXT, "the scope was changed");
  must(same(first, compiled.value.evaluate(SCOPE)), "evaluating again gives something else");
  const condition = compileExpression(source, types, "bool");
  if (condition.ok) judge(condition.value, SCOPE);
  if (!first.ok) {
    must(first.error.message !== "", "a failure says nothing");
    return `${first.error.kind} ${wordFor(first.error.message)}`;
  }
  const text = JSON.stringify(first.value);
  must(typeof text === "string", "a value is no JSON", String(first.value));
  must(same(JSON.parse(text), first.value), "a value does not come back from JSON", text);
  return typeof first.value;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
