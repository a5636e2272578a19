import { evaluationFailure } from "../failure.ts";
import type { Frame } from "../frame.ts";
import { compileQuery } from "../jmespath/parse.ts";
import { DYN } from "../values/cel-type.ts";
import { define, type Functions } from "./signature.ts";

function queryProblem(query: string): string | undefined {
  const compiled = compileQuery(query);
  return compiled.ok ? undefined : problemText(query, compiled.message);
}

function problemText(query: string, message: string): string {
  return `the JMESPath ${JSON.stringify(query.slice(0, 80))} cannot be used: ${message}`;
}

function search(value: unknown, query: string, frame: Frame): unknown {
  const compiled = compileQuery(query);
  if (!compiled.ok) return evaluationFailure(problemText(query, compiled.message));
  return compiled.query(value, frame);
}

export const JMESPATH_FUNCTIONS: Functions = {
  jmespath: define<readonly [unknown, string]>({
    style: "call",
    takes: [[], ["string"]],
    does: "what a JMESPath query finds in a value; null where it finds nothing",
    example: "jmespath({'a': [{'n': 1}, {'n': 2}]}, 'a[?n > `1`].n') == [2]",
    gives: DYN,
    checkText: (index, query) => (index === 1 ? queryProblem(query) : undefined),
    apply: ([value, query], frame) => search(value, query, frame),
  }),
};
