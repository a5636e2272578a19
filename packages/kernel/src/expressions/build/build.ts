import type { CompileError } from "../expression.ts";
import type { Type } from "../values/cel-type.ts";
import { buildField, buildIndex, buildVariable } from "./access.ts";
import { type ASTNode, type Builder, type Built, type Local, UNKNOWN } from "./builder.ts";
import { buildCall, buildMethod } from "./calls.ts";
import { buildList, buildLiteral, buildMap } from "./literals.ts";
import { buildBinary, buildLogical, buildTernary, buildUnary } from "./operators.ts";

const MAX_TEXT = 80;

/** The builder of one expression. Errors go to `errors`, all of them, each at its place. */
export function createBuilder(
  source: string,
  variables: ReadonlyMap<string, Type>,
  errors: CompileError[],
  locals: readonly Local[] = [],
): Builder {
  const sourceOf = (node: ASTNode) => source.slice(node.start, node.end);
  const text = (node: ASTNode) => {
    const whole = sourceOf(node);
    return whole.length <= MAX_TEXT ? whole : `${whole.slice(0, MAX_TEXT)}…`;
  };
  const builder: Builder = {
    variables,
    locals,
    text,
    source: sourceOf,
    build: (node) => buildNode(builder, node),
    fail(node, message, hint) {
      errors.push({ message, path: [], offset: node.pos, ...(hint === undefined ? {} : { hint }) });
      return { ...UNKNOWN, text: text(node) };
    },
    withLocal(name, type) {
      const slot = locals.length;
      return {
        slot,
        builder: createBuilder(source, variables, errors, [...locals, { name, type, slot }]),
      };
    },
  };
  return builder;
}

function buildNode(builder: Builder, node: ASTNode): Built {
  switch (node.op) {
    case "value":
      return buildLiteral(builder, node, node.args);
    case "id":
      return buildVariable(builder, node, node.args);
    case ".":
      return buildField(builder, node, node.args[0], node.args[1]);
    case "[]":
      return buildIndex(builder, node, node.args[0], node.args[1]);
    case "call":
      return buildCall(builder, node, node.args[0], node.args[1]);
    case "rcall":
      return buildMethod(builder, node, node.args[0], node.args[1], node.args[2]);
    case "list":
      return buildList(builder, node, node.args);
    case "map":
      return buildMap(builder, node, node.args);
    case "?:":
      return buildTernary(builder, node, node.args);
    case "&&":
      return buildLogical(builder, node, false, node.args);
    case "||":
      return buildLogical(builder, node, true, node.args);
    case "!_":
    case "-_":
      return buildUnary(builder, node, node.op, node.args);
    case ".?":
    case "[?]":
      return builder.fail(
        node,
        "optional fields are not part of the language",
        "write has(x.y) or default(x.y, …)",
      );
    default:
      return buildBinary(builder, node, node.op, node.args);
  }
}
