import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ACTION_KEYS } from "../compile/action/action.ts";
import { STEP_KEYS } from "../compile/workflow/step.ts";
import { WORKFLOW_KEYS } from "../compile/workflow/workflow.ts";
import { closedMap, key } from "./closed-map.ts";
import { definitionSchema, SCHEMA_KINDS } from "./index.ts";
import { definitionsPage } from "./reference.fixture.ts";

const docs = (path: string): string =>
  fileURLToPath(new URL(`../../../../../docs/${path}`, import.meta.url));

it.each(SCHEMA_KINDS)(
  "docs/schemas has the schema of a %s as the code makes it (-u writes it anew)",
  async (kind) => {
    const text = `${JSON.stringify(definitionSchema(kind), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(docs(`schemas/${kind}.json`));
  },
);

it("docs/definitions.md says what the schemas say (-u writes it anew)", async () => {
  await expect(definitionsPage()).toMatchFileSnapshot(docs("definitions.md"));
});

it("has every key that the compiler knows", () => {
  const keysOf = (schema: unknown) => Object.keys((schema as { properties: object }).properties);
  const workflow = definitionSchema("workflow");
  expect(keysOf(definitionSchema("action")).sort()).toEqual([...ACTION_KEYS].sort());
  expect(keysOf(workflow).sort()).toEqual([...WORKFLOW_KEYS].sort());
  const { step } = workflow["$defs"] as { readonly [name: string]: unknown };
  expect(keysOf(step).sort()).toEqual([...STEP_KEYS].sort());
});

it("cannot be made with a key too many or too few", () => {
  const of = { a: key("A.") };
  expect(() => closedMap({ keys: ["a", "b"], of })).toThrow("does not say b");
  expect(() => closedMap({ keys: [], of })).toThrow("no key a");
});
