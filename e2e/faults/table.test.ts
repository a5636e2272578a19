import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
// @ts-expect-error the tests of faults are programs, not modules with types
import { CHECKS } from "../crash/checks.mjs";
// @ts-expect-error the tests of faults are programs, not modules with types
import { OUTCOMES } from "./outcomes.mjs";
// @ts-expect-error the tests of faults are programs, not modules with types
import { outcomesIn } from "./table.mjs";

const page = readFileSync(join(import.meta.dirname, "../../docs/reliability.md"), "utf8");
const STALE =
  "docs/reliability.md is not what the tests do: npm run test:crash -- --docs docs/reliability.md";

test("docs/reliability.md names every fault of the tests with its outcome, and every check", () => {
  const known = OUTCOMES.map(({ fault, outcome }: Record<string, string>) => [fault, outcome]);
  expect(outcomesIn(page), STALE).toEqual(known);
  for (const check of Object.keys(CHECKS)) expect(page, STALE).toContain(`| ${check} |`);
});
