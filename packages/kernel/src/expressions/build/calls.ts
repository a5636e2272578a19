import { nearest } from "@yardmaster/protocol";
import { Failure, typeFailure } from "../failure.ts";
import { FUNCTIONS, NAMESPACES } from "../functions/functions.ts";
import type { CelFunction } from "../functions/signature.ts";
import { kindOfType, typeName, withoutNull } from "../values/cel-type.ts";
import { describe, type Kind, kindName, kindOf } from "../values/values.ts";
import { type ASTNode, type Builder, type Built, coerced, coercedItems } from "./builder.ts";
import { COMPREHENSIONS } from "./comprehension-names.ts";
import { buildComprehension, isComprehension } from "./comprehensions.ts";
import { buildBind, buildDefault, buildHas, MACROS } from "./macros.ts";

const MAX_NAMED = 12;

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
  const namespace = namespaceOf(builder, receiver);
  if (namespace !== undefined) return buildNamespaced(builder, node, `${namespace}.${name}`, args);
  if (isComprehension(name)) return buildComprehension(builder, node, name, receiver, args);
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

/** The `math` of `math.abs(x)`; a variable of that name goes first. */
function namespaceOf(builder: Builder, receiver: ASTNode): string | undefined {
  if (receiver.op !== "id" || !NAMESPACES.has(receiver.args)) return undefined;
  const isVariable =
    builder.variables.has(receiver.args) ||
    builder.locals.some((local) => local.name === receiver.args);
  return isVariable ? undefined : receiver.args;
}

function buildNamespaced(
  builder: Builder,
  node: ASTNode,
  name: string,
  args: readonly ASTNode[],
): Built {
  if (name === "cel.bind") return buildBind(builder, node, args);
  const known = FUNCTIONS.get(name);
  if (known !== undefined) return buildFunction(builder, node, name, known, args);
  const lead = name.slice(0, name.indexOf(".") + 1);
  const all = [...FUNCTIONS.keys(), "cel.bind"].filter((each) => each.startsWith(lead));
  return builder.fail(node, `there is no function ${name}()`, namesHint(name, all));
}

function namesHint(name: string, all: readonly string[]): string {
  const near = nearest(name, all);
  if (near !== undefined) return `did you mean ${near}()?`;
  return `there are ${all.slice(0, MAX_NAMED).join(", ")}${all.length > MAX_NAMED ? ", …" : ""}`;
}

/**
 * What people look for and is not there. A run must come to the same when it is replayed, so nothing reads the clock or
 * rolls dice; how a step ended is a field of it.
 */
const ELSEWHERE: { readonly [name: string]: string } = {
  now: "use the time that is on record: run.created_at in a workflow, event.time in a rule",
  uuid: "use what is on record: run.id in a workflow, event.id in a rule",
  random: "use what is on record, such as hash.sha256(run.id)",
  success: 'write steps.ID.status == "success"',
  failure: 'write steps.ID.status == "failed"; what follows a failure is on_error or on_failure',
  always: "what is done whatever became of the run stands under finally",
  cancelled: 'write run.status == "canceled", under finally',
  toJSON: "write json.encode(…)",
  fromJSON: "write json.decode(…)",
};

function unknownFunction(
  builder: Builder,
  node: ASTNode,
  name: string,
  style: "call" | "method",
): Built {
  if (Object.hasOwn(ELSEWHERE, name))
    return builder.fail(node, `there is no function ${name}()`, ELSEWHERE[name]);
  const names = [...FUNCTIONS]
    .filter(([, each]) => each.style !== (style === "call" ? "method" : "call"))
    .map(([each]) => each);
  const [called, methods] = [Object.keys(MACROS), Object.keys(COMPREHENSIONS)];
  const other = style === "call" ? methods : called;
  if (other.includes(name)) {
    return builder.fail(
      node,
      `there is no such ${name}()`,
      style === "call" ? `write list.${name}(x, …)` : `write ${name}(x.field)`,
    );
  }
  const namespaced = [...FUNCTIONS.keys()].find((each) => each.endsWith(`.${name}`));
  const hint =
    namespaced === undefined
      ? namesHint(name, [...names, ...(style === "call" ? called : methods)])
      : `write ${namespaced}(…)`;
  return builder.fail(node, `there is no function ${name}()`, hint);
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
  const most = known.isVariadic === true ? Number.POSITIVE_INFINITY : known.takes.length;
  if (built.length < needs || built.length > most) {
    const isMethod = node.op === "rcall" && built.length > node.args[2].length ? 1 : 0;
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
    const literal = args[index]?.op === "value" ? args[index].args : undefined;
    const problem =
      misfit(name, takesAt(known, index), arg) ??
      (typeof literal === "string" ? known.checkText?.(index, literal) : undefined);
    if (problem !== undefined) builder.fail(args[index] as ASTNode, problem);
  }
  const type =
    typeof known.gives === "function" ? known.gives(built.map((arg) => arg.type)) : known.gives;
  return {
    type,
    run: coerced(functionRun(name, known, built), type),
    cost: built.reduce((sum, arg) => sum + arg.cost, 1),
    text: builder.text(node),
  };
}

function takesAt(known: CelFunction, index: number): readonly Kind[] {
  const { takes } = known;
  return takes[known.isVariadic === true ? Math.min(index, takes.length - 1) : index] ?? [];
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
  const args = built.map((arg, index) => ({
    text: arg.text,
    run: coercedItems(arg.run, arg.type),
    takes: takesAt(known, index),
  }));
  return (frame) => {
    const values: unknown[] = [];
    for (const { run, takes, text } of args) {
      const value = run(frame);
      if (value instanceof Failure) return value;
      const kind = kindOf(value);
      if (kind === undefined || !accepts(takes, kind))
        return typeFailure(`${name}() takes ${kinds(takes)}, and ${text} is ${describe(value)}`);
      values.push(value);
    }
    return known.apply(values as never[], frame);
  };
}
