import { COMPREHENSIONS } from "./build/comprehension-names.ts";
import { MACROS } from "./build/macros.ts";
import { CHAPTERS } from "./functions/functions.ts";
import type { CelFunction } from "./functions/signature.ts";
import { typeName } from "./values/cel-type.ts";
import { type Kind, kindName } from "./values/values.ts";

/** One line of the table of functions: what documentation and editors show. */
export interface FunctionEntry {
  readonly chapter: string;
  readonly name: string;
  readonly signature: string;
  readonly does: string;
  readonly example: string;
}

/** Everything that can be called in an expression. */
export function functionReference(): readonly FunctionEntry[] {
  const macros = [
    ...Object.entries(MACROS).map(([name, each]) => ({ name, ...each })),
    ...Object.entries(COMPREHENSIONS).map(([name, each]) => ({ name, ...each })),
  ].map(({ name, signature, does, example }) => ({
    chapter: "Macros",
    name,
    signature,
    does,
    example,
  }));
  const functions = CHAPTERS.flatMap(({ title, functions: chapter }) =>
    Object.entries(chapter).map(([name, each]) => ({
      chapter: title,
      name,
      signature: signatureOf(name, each),
      does: each.does,
      example: each.example,
    })),
  );
  return [...macros, ...functions];
}

function signatureOf(name: string, each: CelFunction): string {
  const needs = each.needs ?? each.takes.length;
  const kinds = each.takes.map(kindsText);
  const isMethod = each.style === "method";
  const params = isMethod ? kinds.slice(1) : kinds;
  const given = params.map((kind, index) => {
    const isOptional = index + (isMethod ? 1 : 0) >= needs;
    return `${isOptional ? "[" : ""}${index > 0 ? ", " : ""}${kind}${isOptional ? "]" : ""}`;
  });
  const rest = each.isVariadic === true ? ", …" : "";
  const call = `${isMethod ? `${kinds[0] ?? ""}.` : ""}${name}(${given.join("")}${rest})`;
  const gives = typeof each.gives === "function" ? undefined : bare(typeName(each.gives));
  const other = each.style === "either" ? ` or x.${name}(…)` : "";
  return gives === undefined || gives === "value of any kind"
    ? `${call}${other}`
    : `${call}${other} → ${gives}`;
}

function kindsText(kinds: readonly Kind[]): string {
  return kinds.length === 0 ? "any" : kinds.map((kind) => bare(kindName(kind))).join("/");
}

function bare(name: string): string {
  return name.replace(/^an? /, "");
}
