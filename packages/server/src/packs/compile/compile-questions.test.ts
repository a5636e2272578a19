import { type ActionDefinition, callsOf } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { good, problemsOf } from "./compile.fixture.ts";

const PATH = "workflows/w.yaml";
const HEAD = "workflow: p.w\ninput: { text: string!, schema: any }\nsteps:\n";
/** A step that asks with this, in one line of YAML, and one behind it that reads the answer. */
const asking = (given: string, reads = "steps.a.output", more = ""): string =>
  `${HEAD}  - { id: a, uses: core.ask, with: ${given}${more} }\n  - { id: b, uses: core.echo, with: { x: "\${{ ${reads} }}" } }\n`;
const wrong = (...given: Parameters<typeof asking>): string[] =>
  problemsOf({ [PATH]: asking(...given) }).map((line) => line.replace(`${PATH}:`, ""));
const output = (given: string): ActionDefinition["output"] => {
  const { workflows } = good({ [PATH]: asking(given) });
  const workflow = workflows.get("p.w");
  if (workflow === undefined) throw new Error("there is no workflow");
  return callsOf(workflow)[0]?.action.output;
};

test("the answer has the type of a schema that is written out, as a map or as a whole JSON Schema", () => {
  expect(output('{ prompt: "?", schema: { ok: boolean!, n: integer } }')?.schema).toEqual({
    type: "object",
    properties: { ok: { type: "boolean" }, n: { type: "integer" } },
    required: ["ok"],
    additionalProperties: false,
  });
  const whole = '{ prompt: "?", schema: { type: object, properties: { ok: { type: boolean } } } }';
  expect(output(whole)?.schema).toEqual({
    type: "object",
    properties: { ok: { type: "boolean" } },
  });
  expect(output('{ prompt: "?" }')?.schema).toEqual({ type: "object" });
  expect(output('{ prompt: "?", schema: "${{ input.schema }}" }')?.schema).toEqual({
    type: "object",
  });
});

test("what reads an answer is held to its schema", () => {
  const given = '{ prompt: "?", schema: { ok: boolean! } }';
  expect(wrong(given, "steps.a.output.no")).toEqual([
    expect.stringMatching(/^5:\d+: steps\.a\.output has no field no \(it has ok\)$/),
  ]);
  expect(wrong('{ prompt: "?" }', "steps.a.output.anything")).toEqual([]);
});

test.each([
  ['{ prompt: "?", schema: { ok: bool! } }', 'with.schema.ok: "bool!" is not a type (did you'],
  ['{ prompt: "?", schema: { type: object, propertys: {} } }', "with.schema.propertys: "],
  ['{ prompt: "?", schema: [a] }', "with.schema does not fit core.ask: expected an object"],
  [
    '{ prompt: "?", schema: { ok: boolean! }, timeout: 1h, default: { ok: 3 } }',
    "with.default does not fit the schema: expected a boolean",
  ],
  ['{ prompt: "?", default: {} }', "with.default is the answer when nobody has answered in time"],
  ['{ prompt: "?", timeout: 0s }', "with.timeout must be from 1ms to 366d"],
  ['{ prompt: "?", timeout: soon }', "with.timeout does not fit core.ask"],
  ['{ prompt: "" }', "with.prompt does not fit core.ask"],
  ["{ title: x }", "with.prompt does not fit core.ask: it is required"],
  ['{ prompt: "?", assigned_to: [] }', "with.assigned_to does not fit core.ask"],
  ['{ prompt: "?", assignee: ann }', "with.assignee does not fit core.ask: there is no such input"],
])("%s is refused where it stands", (given, message) => {
  const [first] = wrong(given);
  expect(first).toMatch(/^4:\d+: /);
  expect(first?.replace(/^4:\d+: /, "").startsWith(message), first).toBe(true);
});

test("with expressions in it, what is written out is checked all the same", () => {
  const text = "${{ input.text }}";
  expect(
    wrong(`{ prompt: "${text}", schema: { ok: boolean! }, timeout: 1h, default: { ok: 3 } }`),
  ).toEqual([expect.stringContaining("with.default does not fit the schema")]);
  expect(wrong(`{ prompt: "${text}", timeout: "${text}", default: { any: 1 } }`)).toEqual([]);
  expect(
    wrong(`{ prompt: "?", schema: "\${{ input.schema }}", timeout: 1h, default: { any: 1 } }`),
  ).toEqual([]);
});

test("a question is not admitted, and its time stands with it", () => {
  const more = ", timeout: 5m, queue: q, priority: 1, retry: { attempts: 2 }";
  const told = wrong('{ prompt: "?" }', "steps.a.output", more);
  expect(told.map((line) => line.replace(/^4:\d+: /, ""))).toEqual(
    expect.arrayContaining([
      "core.ask is a question: a step that calls it takes no timeout (write with: { timeout: … })",
      "core.ask is a question: a step that calls it takes no queue",
      "core.ask is a question: a step that calls it takes no priority",
    ]),
  );
  expect(told.join("\n")).not.toContain("retry");
});

test("an undo and a cleanup may ask as well", () => {
  good({
    [PATH]: `${HEAD}  - { id: a, uses: core.noop, undo: { uses: core.ask, with: { prompt: "Undone?" } } }
finally: [{ id: z, uses: core.ask, with: { prompt: "Clean?", schema: { ok: boolean! } } }]
`,
  });
});
