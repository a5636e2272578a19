import { nearest } from "@yardmaster/protocol";
import { Failure, typeFailure } from "../failure.ts";
import type { Run } from "../frame.ts";
import { DYN, type RecordType, type Type, typeName, withoutNull } from "../values/cel-type.ts";
import { describe, isMembers } from "../values/values.ts";
import { type ASTNode, type Builder, type Built, coerced, type Path } from "./builder.ts";

/** Variables, fields and indexes. What is declared is checked at load; what is not there is named at run time. */

export function buildVariable(builder: Builder, node: ASTNode, name: string): Built {
  const local = builder.locals.findLast((each) => each.name === name);
  if (local !== undefined) {
    const root: Run = (frame) => frame.locals[local.slot];
    return built(builder, node, local.type, { root, name, keys: [] });
  }
  const type = builder.variables.get(name);
  if (type === undefined) return unknownVariable(builder, node, name);
  const root: Run = (frame) => {
    const value = Object.hasOwn(frame.scope, name) ? frame.scope[name] : undefined;
    return value === undefined ? missing(name, `${name} is not set here`) : value;
  };
  return built(builder, node, type, { root, name, keys: [] });
}

function built(builder: Builder, node: ASTNode, type: Type, path: Path, cost = 1): Built {
  const run = path.keys.length === 0 ? path.root : pathRun(path);
  return { type, run: coerced(run, type), cost, text: builder.text(node), path };
}

function unknownVariable(builder: Builder, node: ASTNode, name: string): Built {
  const names = [...builder.variables.keys(), ...builder.locals.map((local) => local.name)];
  return builder.fail(
    node,
    `there is no variable ${name} here`,
    fieldHint(builder, name) ??
      foreignHint(name) ??
      nameHint(name, names, names.length === 1 ? "there is" : "there are"),
  );
}

/** What other systems call so, and where the same is found here, if it is. */
const FOREIGN: { readonly [name: string]: string } = {
  secrets:
    "an action with runner: http declares them (secrets: [NAME]), and its request alone sees them; a process finds them in its input",
  env: "expressions do not see the environment: what differs from place to place is an input",
  matrix: "the item of a for_each is item",
  needs: "what a step has given is steps.ID.output",
  jobs: "what a step has given is steps.ID.output",
  github: "what came in is event.data, in a rule, which hands it on as an input",
  trigger: "what came in is event.data, in a rule, which hands it on as an input",
  payload: "what came in is event.data, in a rule, which hands it on as an input",
};

function foreignHint(name: string): string | undefined {
  return Object.hasOwn(FOREIGN, name) ? FOREIGN[name] : undefined;
}

/** What is declared as a field of a variable is often asked for without it: `who` for `input.who`. */
function fieldHint({ variables }: Builder, name: string): string | undefined {
  for (const [variable, declared] of variables) {
    const type = withoutNull(declared);
    if (type.kind === "record" && type.names.includes(name))
      return `did you mean ${variable}.${name}?`;
  }
  return undefined;
}

export function buildField(builder: Builder, node: ASTNode, operand: ASTNode, name: string): Built {
  const base = builder.build(operand);
  return member(builder, node, base, name, fieldType(builder, node, base, name));
}

export function buildIndex(
  builder: Builder,
  node: ASTNode,
  operand: ASTNode,
  index: ASTNode,
): Built {
  const base = builder.build(operand);
  if (index.op === "value" && typeof index.args === "string") {
    return member(builder, node, base, index.args, fieldType(builder, node, base, index.args));
  }
  const key = builder.build(index);
  const type = indexType(builder, node, base, key);
  if (index.op === "value" && typeof index.args === "bigint") {
    return member(builder, node, base, Number(index.args), type);
  }
  const cost = base.cost + key.cost + 1;
  return { type, run: coerced(dynamicRun(base, key), type), cost, text: builder.text(node) };
}

function member(
  builder: Builder,
  node: ASTNode,
  base: Built,
  key: string | number,
  type: Type,
): Built {
  const path = base.path ?? { root: base.run, name: base.text, keys: [] };
  return built(builder, node, type, { ...path, keys: [...path.keys, key] }, base.cost + 1);
}

function fieldType(builder: Builder, node: ASTNode, base: Built, name: string): Type {
  const type = withoutNull(base.type);
  switch (type.kind) {
    case "dyn":
      return DYN;
    case "map":
      return type.value;
    case "record":
      return type.field(name) ?? unknownField(builder, node, base, type, name);
    case "list":
      builder.fail(
        node,
        `${base.text} is a list, which has no field ${name}`,
        `take one item with ${base.text}[0].${name}, or all with ${base.text}.map(x, x.${name})`,
      );
      return DYN;
    default:
      builder.fail(node, `${base.text} is ${typeName(type)}, which has no field ${name}`);
      return DYN;
  }
}

function unknownField(
  builder: Builder,
  node: ASTNode,
  base: Built,
  type: RecordType,
  name: string,
): Type {
  const dashed = type.names.find((each) => each.startsWith(`${name}-`));
  const hint =
    dashed === undefined
      ? nameHint(name, type.names, "it has")
      : `a name with - is written ${base.text}[${JSON.stringify(dashed)}]`;
  builder.fail(node, `${base.text} has no field ${name}`, hint);
  return DYN;
}

function nameHint(name: string, names: readonly string[], lead: string): string {
  const near = nearest(name, names);
  if (near !== undefined) return `did you mean ${near}?`;
  if (names.length === 0) return `${lead} no fields at all`;
  return `${lead} ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`;
}

function indexType(builder: Builder, node: ASTNode, base: Built, key: Built): Type {
  const type = withoutNull(base.type);
  const by = withoutNull(key.type).kind;
  if (type.kind === "list") {
    if (by === "int" || by === "dyn") return type.item;
    builder.fail(
      node,
      `the index of a list must be an int, not ${typeName(key.type)}`,
      by === "double" ? `write int(${key.text})` : undefined,
    );
    return DYN;
  }
  if (type.kind === "map" || type.kind === "record") {
    if (by === "string" || by === "dyn") return type.kind === "map" ? type.value : DYN;
    builder.fail(node, `the key of a map must be a string, not ${typeName(key.type)}`);
    return DYN;
  }
  if (type.kind !== "dyn")
    builder.fail(node, `${base.text} is ${typeName(type)}, which has no items`);
  return DYN;
}

/** One loop for the whole path: this is what conditions of rules spend their time in. */
function pathRun(path: Path): Run {
  const { root, keys } = path;
  const length = keys.length;
  return (frame) => {
    let value = root(frame);
    if (value instanceof Failure) return value;
    for (let i = 0; i < length; i++) {
      const next = own(value, keys[i] as string | number);
      if (next === undefined) return missingOn(path, i, value);
      value = next;
    }
    return value;
  };
}

/** A field or item of JSON's own; what a prototype has is not there. */
function own(value: unknown, key: string | number): unknown {
  if (typeof key === "number") return Array.isArray(value) ? value[key] : undefined;
  return isMembers(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function missingOn(path: Path, at: number, value: unknown): Failure {
  const here = pathText(path, at);
  const there = pathText(path, at + 1);
  const whole = pathText(path, path.keys.length);
  const asked = whole === there ? "" : `, so neither is ${whole}`;
  if (isMembers(value))
    return missing(there, `${there} is not there${asked}${wayOut(path, at, there, value)}`);
  if (Array.isArray(value) && typeof path.keys[at] === "number") {
    return missing(there, `${here} has ${value.length} items, so ${whole} is not there`);
  }
  return missing(there, `${here} is ${describe(value)}, so ${whole} is not there`);
}

/** What a step gives or saves is there only as it ended: skipped, say, which the check at load cannot know. */
function wayOut(path: Path, at: number, there: string, holder: unknown): string {
  const why = whyMissing(path, at, holder);
  return why === undefined ? "" : `: ${why}; default(${there}, …) gives another value`;
}

function whyMissing({ name, keys }: Path, at: number, holder: unknown): string | undefined {
  if (name === "vars" && at === 0) return "no step that saves it has run";
  if (name !== "steps" || at !== 1) return undefined;
  const status = own(holder, "status");
  return typeof status === "string" ? `the status of step "${keys[0]}" is ${status}` : undefined;
}

function missing(path: string, message: string): Failure {
  return new Failure("missing", message, path);
}

const WORD = /^[A-Za-z_]\w*$/;

function pathText(path: Path, length: number): string {
  return path.name + path.keys.slice(0, length).map(keyText).join("");
}

function keyText(key: string | number): string {
  return typeof key === "string" && WORD.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function dynamicRun(base: Built, key: Built): Run {
  return (frame) => {
    const value = base.run(frame);
    if (value instanceof Failure) return value;
    const index = key.run(frame);
    if (index instanceof Failure) return index;
    if (typeof index !== "string" && typeof index !== "number") {
      return typeFailure(
        `${key.text} must be an int or a string to index with, not ${describe(index)}`,
      );
    }
    if (Array.isArray(value) && !Number.isSafeInteger(index)) {
      return typeFailure(
        `${base.text} is a list: ${key.text} must be an int, not ${describe(index)}`,
      );
    }
    const found = own(value, index);
    if (found !== undefined) return found;
    const path = base.path ?? { root: base.run, name: base.text, keys: [] };
    return missingOn({ ...path, keys: [...path.keys, index] }, path.keys.length, value);
  };
}
