import { nearest } from "@yardmaster/protocol";
import type { ASTNode, Builder, Built } from "./builder.ts";
import { kindOfType, typeName, withoutNull } from "./cel-type.ts";
import { CONVERSION_FUNCTIONS } from "./conversion-functions.ts";
import { Failure, typeFailure } from "./failure.ts";
import { buildDefault, buildHas, buildMacro, isMacro } from "./macros.ts";
import type { CelFunction } from "./signature.ts";
import { STRING_FUNCTIONS } from "./string-functions.ts";
import { TIME_FUNCTIONS } from "./time-functions.ts";
import { describe, type Kind, kindName, kindOf } from "./values.ts";

const FUNCTIONS: ReadonlyMap<string, CelFunction> = new Map([
  ...Object.entries(CONVERSION_FUNCTIONS),
  ...Object.entries(STRING_FUNCTIONS),
  ...Object.entries(TIME_FUNCTIONS),
]);

const MAX_NAMED = 12;

const CALLED = ["has", "default"];
const MACROS = ["all", "exists", "exists_one", "map", "filter"];

export function buildCall(
  builder: Builder,
  node: ASTNode,
  name: string,
  args: readonly ASTNode[],
): Built {
  if (name === "has") return buildHas(builder, node, args);
  if (name === "default") return buildDefault(builder, node, args);
  const known = FUNCTIONS.get(name);
  if (known === undefined) return unknownFunction(builder, node, name, "call");
  if (known.style === "method") {
    return builder.fail(
      node,
      `${name}() is called on its value`,
      `write ${builder.text(args[0] ?? node)}.${name}(…)`,
    );
  }
  return buildFunction(builder, node, name, known, args);
}

export function buildMethod(
  builder: Builder,
  node: ASTNode,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
): Built {
  if (isMacro(name)) return buildMacro(builder, node, name, receiver, args);
  const known = FUNCTIONS.get(name);
  if (known === undefined) return unknownFunction(builder, node, name, "method");
  if (known.style === "call") {
    return builder.fail(
      node,
      `${name}() takes its value in the parentheses`,
      `write ${name}(${builder.text(receiver)})`,
    );
  }
  return buildFunction(builder, node, name, known, [receiver, ...args]);
}

function unknownFunction(
  builder: Builder,
  node: ASTNode,
  name: string,
  style: "call" | "method",
): Built {
  const names = [...FUNCTIONS]
    .filter(([, each]) => each.style !== (style === "call" ? "method" : "call"))
    .map(([each]) => each);
  const all = [...names, ...(style === "call" ? CALLED : MACROS)];
  const other = style === "call" ? MACROS : CALLED;
  if (other.includes(name)) {
    return builder.fail(
      node,
      `there is no such ${name}()`,
      style === "call" ? `write list.${name}(x, …)` : `write ${name}(x.field)`,
    );
  }
  const near = nearest(name, all);
  return builder.fail(
    node,
    `there is no function ${name}()`,
    near === undefined
      ? `there are ${all.slice(0, MAX_NAMED).join(", ")}, …`
      : `did you mean ${near}()?`,
  );
}

function buildFunction(
  builder: Builder,
  node: ASTNode,
  name: string,
  known: CelFunction,
  args: readonly ASTNode[],
): Built {
  const built = args.map((arg) => builder.build(arg));
  const needs = known.needs ?? known.takes.length;
  if (built.length < needs || built.length > known.takes.length) {
    const isMethod = node.op === "rcall" ? 1 : 0;
    const counts =
      needs === known.takes.length
        ? `${needs - isMethod}`
        : `${needs - isMethod} to ${known.takes.length - isMethod}`;
    return builder.fail(
      node,
      `${name}() takes ${counts} arguments, not ${built.length - isMethod}`,
    );
  }
  for (const [index, arg] of built.entries()) {
    const problem = misfit(name, known.takes[index] ?? [], arg);
    if (problem !== undefined) builder.fail(args[index] as ASTNode, problem);
  }
  return {
    type:
      typeof known.gives === "function" ? known.gives(built.map((arg) => arg.type)) : known.gives,
    run: functionRun(name, known, built),
    cost: built.reduce((sum, arg) => sum + arg.cost, 1),
    text: builder.text(node),
  };
}

/** What speaks against an argument at load. An int will do where a double is taken. */
function misfit(name: string, takes: readonly Kind[], arg: Built): string | undefined {
  const kind = kindOfType(withoutNull(arg.type));
  if (kind === undefined || accepts(takes, kind)) return undefined;
  return `${name}() takes ${kinds(takes)}, and ${arg.text} is ${typeName(arg.type)}`;
}

function accepts(takes: readonly Kind[], kind: Kind): boolean {
  return takes.length === 0 || takes.includes(kind) || (kind === "int" && takes.includes("double"));
}

function kinds(takes: readonly Kind[]): string {
  const names = takes.map(kindName);
  return names.length < 2
    ? (names[0] ?? "any value")
    : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function functionRun(name: string, known: CelFunction, built: readonly Built[]): Built["run"] {
  return (frame) => {
    const values: unknown[] = [];
    for (const [index, arg] of built.entries()) {
      const value = arg.run(frame);
      if (value instanceof Failure) return value;
      const takes = known.takes[index] ?? [];
      const kind = kindOf(value);
      if (kind === undefined || !accepts(takes, kind)) {
        return typeFailure(
          `${name}() takes ${kinds(takes)}, and ${arg.text} is ${describe(value)}`,
        );
      }
      values.push(value);
    }
    return known.apply(values as never[], frame);
  };
}
