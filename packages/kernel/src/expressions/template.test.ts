import type { Json } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import { compileTemplate } from "./index.ts";

const TYPES = {
  variables: {
    name: true,
    n: true,
    list: true,
    input: { type: "object", properties: { delay: { type: "string", format: "duration" } } },
  },
};
const SCOPE = { name: "Ada", n: 5, list: ["a", null], input: { delay: "1h30m" } };

function render(template: Json) {
  const compiled = compileTemplate(template, TYPES);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return compiled.value.render(SCOPE);
}

describe("templates", () => {
  it.each<[Json, Json]>([
    ["hello ${{ name }}!", "hello Ada!"],
    ["${{ n }}", 5],
    ["${{n}}", 5],
    ["${{ list }}", ["a", null]],
    ["${{ input.delay }}", "5400s"],
    [
      "a ${{ n }} b ${{ list }} c ${{ input.delay }} d ${{ true }}",
      'a 5 b ["a",null] c 5400s d true',
    ],
    ["${{ n }}${{ n }}", "55"],
    [" ${{ n }}", " 5"],
    ["${{ {'a': {'b': 1}}}}", { a: { b: 1 } }],
    ["${{ '}}' }}", "}}"],
    ['${{ "\\"}}" }}x', '"}}x'],
    ["${{ r'}}\\d' + '''}}'''}}", "}}\\d}}"],
    ["${{ [{'a': [1]}].map(x, {'b': x}) }}", [{ b: { a: [1] } }]],
    ["${{ n // }} a comment\n}}", 5],
    ["$${{ name }} costs $5", "${{ name }} costs $5"],
    ["$$${{ name }}", "$${{ name }}"],
    ["$${{ ${{ name }}", "${{ Ada"],
    [
      { "${{ name }}": ["${{ n }}", { a: "${{ name }}" }, 1, null] },
      { "${{ name }}": [5, { a: "Ada" }, 1, null] },
    ],
  ])("%j renders to %j", (template, value) => {
    expect(render(template)).toEqual({ ok: true, value });
  });

  it("gives a constant as it is", () => {
    const value = { a: [1, "x", { b: "}} { $ {{" }] };
    const compiled = compileTemplate(value, TYPES);
    expect(compiled.ok && compiled.value.constant).toBe(true);
    expect(compiled.ok && compiled.value.render({})).toEqual({ ok: true, value });
    const rendered = compiled.ok ? compiled.value.render({}) : undefined;
    expect(rendered?.ok === true && rendered.value === value).toBe(true);
  });

  it("names the expression that failed", () => {
    expect(render(["${{ n }}", "x ${{ list[7] }}"])).toMatchObject({
      ok: false,
      error: { kind: "missing", missing: "list[7]", source: "list[7]" },
    });
  });

  it("says where every error is, all at once", () => {
    const compiled = compileTemplate(
      { to: ["x ${{ input.dealy }} ${{ nme }}"], body: "${{ n", empty: "${{ }}" },
      TYPES,
    );
    expect(compiled.ok ? [] : compiled.errors).toMatchObject([
      {
        path: ["to", 0],
        offset: 12,
        message: "input has no field dealy",
        hint: "did you mean delay?",
      },
      { path: ["to", 0], offset: 25, message: "there is no variable nme here" },
      { path: ["body"], offset: 0, message: "this ${{ has no }} that closes it" },
      { path: ["empty"], offset: 3, message: "there is no expression in this ${{ }}" },
    ]);
  });
});
