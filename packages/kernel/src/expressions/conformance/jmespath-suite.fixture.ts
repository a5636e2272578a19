import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Failure } from "../failure.ts";
import { createFrame } from "../frame.ts";
import { compileQuery } from "../jmespath/parse.ts";

/** The compliance suite of JMESPath, as the npm package jmespath 0.15.0 carries it. */

export interface QueryTest {
  /** `file/group/case`, all counted from 0 but the file, and the query. */
  readonly name: string;
  readonly file: string;
  readonly given: unknown;
  readonly expression: string;
  readonly result?: unknown;
  readonly error?: string;
}

interface Group {
  readonly given: unknown;
  readonly cases: readonly { expression: string; result?: unknown; error?: string }[];
}

const require = createRequire(import.meta.url);
const FOLDER = join(dirname(require.resolve("jmespath/package.json")), "test/compliance");

export function queryTests(): readonly QueryTest[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((name) => {
      const file = name.replace(".json", "");
      const groups = JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as readonly Group[];
      return groups.flatMap(({ given, cases }, group) =>
        cases.map((each, index) => ({
          ...each,
          name: `${file}/${group}/${index} ${each.expression.slice(0, 60)}`,
          file,
          given,
        })),
      );
    });
}

/** What is wrong with our answer, or undefined when it is the suite's. */
export function queryDisagreement({ given, expression, result, error }: QueryTest) {
  const compiled = compileQuery(expression);
  const found = compiled.ok ? compiled.query(given, createFrame({})) : undefined;
  if (!compiled.ok || found instanceof Failure) {
    const message = compiled.ok ? (found as Failure).message : compiled.message;
    return error === undefined ? `failed: ${message}` : undefined;
  }
  if (error !== undefined) return `gave ${JSON.stringify(found)} where ${error} is due`;
  const [ours, theirs] = [canonical(found), canonical(result)];
  return ours === theirs ? undefined : `gave ${ours}, not ${theirs}`;
}

/** JSON text with the fields in order: the order of an object's fields says nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
