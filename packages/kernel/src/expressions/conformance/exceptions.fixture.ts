import { readFileSync } from "node:fs";
import { celDisagreement, celTests } from "./cel-suite.fixture.ts";
import { queryDisagreement, queryTests } from "./jmespath-suite.fixture.ts";

/** Tests of the CEL suite that we do not claim, by name, with one reason for each group. */

interface Group {
  readonly reason: string;
  /** `file/section` → names in it. */
  readonly tests: { readonly [section: string]: readonly string[] };
}

const GROUPS = JSON.parse(
  readFileSync(new URL("./cel-exceptions.json", import.meta.url), "utf8"),
) as readonly Group[];

export interface Suite {
  readonly total: number;
  readonly passed: readonly string[];
  /** What differs, by the test's name. */
  readonly differing: ReadonlyMap<string, string>;
  readonly exceptions: readonly { readonly reason: string; readonly names: readonly string[] }[];
}

export function judgeCel(): Suite {
  return {
    ...judged(celTests(), celDisagreement),
    exceptions: GROUPS.map(({ reason, tests }) => ({
      reason,
      names: Object.entries(tests).flatMap(([section, names]) =>
        names.map((name) => `${section}/${name}`),
      ),
    })),
  };
}

/** Of JMESPath there are no exceptions. */
export function judgeQueries(): Suite {
  return { ...judged(queryTests(), queryDisagreement), exceptions: [] };
}

function judged<Test extends { readonly name: string }>(
  tests: readonly Test[],
  disagreement: (test: Test) => string | undefined,
): Omit<Suite, "exceptions"> {
  const answers = tests.map((test) => [test.name, disagreement(test)] as const);
  return {
    total: tests.length,
    passed: answers.filter(([, answer]) => answer === undefined).map(([name]) => name),
    differing: new Map(
      answers.filter((each): each is readonly [string, string] => each[1] !== undefined),
    ),
  };
}
