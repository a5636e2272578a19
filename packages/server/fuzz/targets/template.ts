import { compileTemplate } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import { type FuzzTarget, must, wordFor } from "../target.ts";
import { CEL_WORDS, SCOPE, UNDECLARED } from "./scope.ts";

/** A template, as JSON or, where the input is none, as one string. */
export const templateTarget: FuzzTarget = {
  name: "template",
  limitMs: 1_500,
  seeds: [
    "hello ${{ input.name }}, $${{ not this }} and ${{ input.n }}",
    "${{ {'a': \"}}\", 'b': [1, {}]} }}",
    '{"a": ["${{ input.people }}", {"b": "x ${{ input.deep }} y"}], "__proto__": 1, "c": null}',
    "${{ '''a }} b''' }}${{ r\"}}\" }}",
  ],
  words: ["${{", "}}", "$${{", "${{ }}", "$", ...CEL_WORDS],
  run(input) {
    const value = templateOf(input.toString("utf8"));
    const compiled = compileTemplate(value, UNDECLARED);
    if (!compiled.ok) {
      const [first] = compiled.errors;
      must(first !== undefined, "refused without a reason");
      for (const { path, offset, message } of compiled.errors) {
        const text = at(value, path);
        must(text !== undefined, "an error is of nothing that is there", path, message);
        const length = typeof text === "string" ? text.length : 0;
        must(offset >= 0 && offset <= length, "an error stands outside", offset, length, message);
      }
      return wordFor(first.message);
    }
    const { constant, render } = compiled.value;
    const rendered = render(constant ? {} : SCOPE);
    if (!rendered.ok) {
      must(!constant, "a constant fails", rendered.error.message);
      return `${rendered.error.kind} ${wordFor(rendered.error.message)}`;
    }
    const text = JSON.stringify(rendered.value);
    must(typeof text === "string", "a value is no JSON");
    if (!JSON.stringify(value).includes("${{"))
      must(constant && text === JSON.stringify(value), "what is no template was changed", text);
    return `${constant} ${typeof rendered.value}`;
  },
};

function templateOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function at(value: Json, path: readonly (string | number)[]): unknown {
  let found: unknown = value;
  for (const part of path) found = (found as { readonly [key: string]: unknown } | null)?.[part];
  return found;
}
