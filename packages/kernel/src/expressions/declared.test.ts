import { describe, expect, it } from "vitest";
import { errorOf, loadErrors, resultOf, typed } from "./expression.fixture.ts";
import { compileExpression } from "./index.ts";

describe("declared types", () => {
  const types = typed({
    people: "string[]!",
    delay: "duration",
    maybe: "duration*",
    at: "timestamp",
    delays: "duration[]",
    rows: {
      type: "array",
      items: {
        type: "object",
        properties: { name: { type: "string" } },
        additionalProperties: false,
      },
    },
    count: "integer",
    note: "string*",
    extra: "any",
  });

  it.each([
    ["input.peple", "input has no field peple", "did you mean people?"],
    ["input['peple']", "input has no field peple", "did you mean people?"],
    ["has(input.peple)", "input has no field peple", "did you mean people?"],
    ["default(input.peple, [])", "input has no field peple", "did you mean people?"],
    ["input.rows.map(r, r.nam)", "r has no field nam", "did you mean name?"],
    ["input.rows[0].nam", "input.rows[0] has no field nam", "did you mean name?"],
    ["input.people.map(p, p.name)", "p is a string, which has no field name", undefined],
    ["people.size()", "there is no variable people here", "did you mean input.people?"],
    ["inputs.count", "there is no variable inputs here", "did you mean input?"],
    ["elsewhere", "there is no variable elsewhere here", "there is input"],
    [
      "secrets.token",
      "there is no variable secrets here",
      "an action with runner: http declares them (secrets: [NAME]), and its request alone sees them; a process finds them in its input",
    ],
    [
      "always()",
      "there is no function always()",
      "what is done whatever became of the run stands under finally",
    ],
    [
      "input.count == 'x'",
      "an int == a string: these are never equal",
      "to make text of it, write string(input.count)",
    ],
    [
      "input.note == 3",
      "a string or null == an int: these are never equal",
      "to make text of it, write string(3)",
    ],
    ["input.note.sum()", "sum() takes a list, and input.note is a string or null", undefined],
    [
      "'n' + input.count",
      "cannot compute a string + an int",
      "to make text of it, write string(input.count)",
    ],
    [
      "input.delay == '30s'",
      "a duration == a string: these are never equal",
      "write duration('30s')",
    ],
    ["input.people.lenght()", "there is no function lenght()", expect.any(String)],
    [
      "input.count.size()",
      "size() takes a string, bytes, a list or a map, and input.count is an int",
      undefined,
    ],
    ["input.people.join(1)", "join() takes a string, and 1 is an int", undefined],
    ["contains('a', 'b')", "contains() is called on its value", "write 'a'.contains(…)"],
    ["input.people[1.5]", "the index of a list must be an int, not a double", "write int(1.5)"],
    ["!input.count", "! takes a bool, and input.count is an int", undefined],
    ["input.count && true", "input.count must be true or false, and it is an int", undefined],
  ])("%s is refused at load", (source, message, hint) => {
    const [error] = loadErrors(source, types);
    expect(error).toMatchObject({ message, path: [] });
    expect(error?.hint).toEqual(hint);
  });

  it("says where in the source, and finds all errors at once", () => {
    const errors = loadErrors("input.typo1 == 1 && input.typo2 == 2", types);
    expect(errors.map((error) => error.offset)).toEqual([6, 26]);
  });

  it("hints at the brackets that a name with a dash needs", () => {
    const dashed = typed({ "my-step": "object" });
    expect(loadErrors("input.my-step.output", dashed)[0]?.hint).toBe(
      'a name with - is written input["my-step"]',
    );
  });

  it("reads declared durations and times as such, wherever they are", () => {
    const input = {
      people: [],
      delay: "1h30m",
      maybe: "1m",
      at: "2026-01-31T00:00:00Z",
      delays: ["1s", "1m"],
    };
    expect(resultOf("input.at + input.delay", { input }, types)).toBe("2026-01-31T01:30:00.000Z");
    expect(resultOf("input.delays.map(d, d + duration('1s'))", { input }, types)).toEqual([
      "2s",
      "61s",
    ]);
    expect(resultOf("input.delays[1] > input.delays[0]", { input }, types)).toBe(true);
    expect(resultOf("input.maybe == duration('60s')", { input }, types)).toBe(true);
    expect(resultOf("duration('60s') in input.delays", { input }, types)).toBe(true);
    expect(resultOf("input.delay.getMinutes()", { input }, types)).toBe(90);
    expect(resultOf("input.at.getHours('Asia/Tokyo')", { input }, types)).toBe(9);
  });

  it("leaves null and undeclared values to run time", () => {
    const input = { people: [], maybe: null, extra: { a: [1] } };
    expect(resultOf("input.maybe == null && input.extra.a[0] == 1", { input }, types)).toBe(true);
    expect(errorOf("input.extra.a + 1", { input }, types).kind).toBe("type");
  });

  it("checks what the place expects", () => {
    expect(loadErrors("input.count", types, "bool")[0]?.message).toBe(
      "this must be true or false, and it is an int",
    );
    expect(loadErrors("input.count", types, "list")[0]?.message).toBe(
      "this must be a list, and it is an int",
    );
    expect(loadErrors("input.people", types, "list")).toEqual([]);
    const dynamic = compileExpression("input.extra", types, "bool");
    expect(dynamic.ok && dynamic.value.evaluate({ input: { extra: 1 } })).toMatchObject({
      ok: false,
      error: { kind: "type" },
    });
  });

  it("follows references of a schema that refers to itself", () => {
    const tree = {
      $ref: "#/$defs/node",
      $defs: {
        node: {
          type: "object",
          properties: {
            children: { type: "array", items: { $ref: "#/$defs/node" } },
            loop: { $ref: "#/$defs/loop" },
          },
        },
        loop: { $ref: "#/$defs/loop" },
      },
    };
    const variables = { variables: { tree } };
    expect(loadErrors("tree.children[0].children[0].childen", variables)[0]?.hint).toBe(
      "did you mean children?",
    );
    expect(loadErrors("tree.loop.x", variables)).toEqual([]);
  });

  it.each([
    [{ $ref: "#/$defs/a", $defs: { a: { properties: { k: {} } } }, properties: { extra: {} } }],
    [{ properties: { k: {} }, $dynamicRef: "#more", $defs: { m: { $dynamicAnchor: "more" } } }],
    [{ properties: { extra: {} }, anyOf: [{ properties: { k: {} } }] }],
    [{ properties: { k: {} }, unevaluatedProperties: { type: "string" } }],
    [{ $ref: "#a", $defs: { a: { $anchor: "a", properties: { k: {} } } } }],
  ])("knows no field to be missing where something else may say it: %j", (schema) => {
    expect(loadErrors("x.extra", { variables: { x: schema } })).toEqual([]);
  });

  it("reads references of a part with an $id within that", () => {
    const inner = { $id: "in", $ref: "#/$defs/a", $defs: { a: { properties: { deep: {} } } } };
    const schema = { properties: { inner }, $defs: { a: { properties: { other: {} } } } };
    expect(loadErrors("x.inner.deep", { variables: { x: schema } })).toEqual([]);
  });
});

describe("missing fields", () => {
  const scope = { v: { data: { issue: { assignee: null, tags: ["a"], title: "t" } } } };

  it.each([
    ["v.data.issues.assignee.login", "v.data.issues"],
    ["v.data.issue.assignee.login", "v.data.issue.assignee.login"],
    ["v.data.issue.title.x", "v.data.issue.title.x"],
    ["v.data.issue.tags[3]", "v.data.issue.tags[3]"],
    ["v.data.issue.tags[w]", "v.data.issue.tags[7]"],
    ['v.data["a b"]', 'v.data["a b"]'],
    ["v.constructor", "v.constructor"],
    ["v.data.toString", "v.data.toString"],
    ["v.__proto__.x", "v.__proto__"],
    ["v.data.issue.tags.map(t, t.name)", "t.name"],
  ])("%s names %s", (source, missing) => {
    expect(errorOf(source, { ...scope, w: 7 })).toMatchObject({ kind: "missing", missing });
  });

  it("names the whole path that was asked for in the message", () => {
    expect(errorOf("v.data.issues.assignee.login", scope).message).toBe(
      "v.data.issues is not there, so neither is v.data.issues.assignee.login",
    );
    expect(errorOf("v.data.issue.assignee.login", scope).message).toBe(
      "v.data.issue.assignee is null, so v.data.issue.assignee.login is not there",
    );
    expect(errorOf("v.x", {})).toMatchObject({ kind: "missing", missing: "v" });
  });

  it("of vars are told with the way out: a step that saves one may be skipped", () => {
    const vars = { variables: { vars: true } } as const;
    expect(errorOf("vars.x + 1", { vars: {} }, vars).message).toBe(
      "vars.x is not there: no step that saves it has run; default(vars.x, …) gives another value",
    );
    expect(errorOf("vars.x.y", { vars: { x: {} } }, vars).message).toBe("vars.x.y is not there");
  });

  it("of steps are told with how the step stands, and the way out", () => {
    const steps = { variables: { steps: true } } as const;
    const skipped = { steps: { tell: { status: "skipped" } } };
    expect(errorOf("steps.tell.output.n + 1", skipped, steps).message).toBe(
      'steps.tell.output is not there, so neither is steps.tell.output.n: the status of step "tell" is skipped; default(steps.tell.output, …) gives another value',
    );
    expect(resultOf("default(steps.tell.output, 7)", skipped, steps)).toBe(7);
  });

  it("of what has no fields at all are told so", () => {
    expect(loadErrors("input.nope", typed({}))).toMatchObject([
      { hint: "it has no fields at all" },
    ]);
  });

  it("are answered by has() and default()", () => {
    expect(resultOf("has(v.data.issues.assignee.login)", scope)).toBe(false);
    expect(resultOf("has(v.data.issue.assignee.login)", scope)).toBe(false);
    expect(resultOf("has(v.data.issue.assignee)", scope)).toBe(true);
    expect(resultOf("default(v.data.issues.title, 'none')", scope)).toBe("none");
    expect(resultOf("default(v.data.issue.title, v.not.there)", scope)).toBe("t");
    expect(errorOf("default(v.data.issue.title + 1, 'none')", scope).kind).toBe("type");
  });

  it("are absorbed where the other side decides, as CEL has it", () => {
    expect(resultOf("v.no == 1 || true", scope)).toBe(true);
    expect(resultOf("false && v.no == 1", scope)).toBe(false);
    expect(resultOf("[1, 2].exists(x, x == 2 || v.no)", scope)).toBe(true);
    expect(errorOf("v.no == 1 || false", scope).kind).toBe("missing");
  });
});
