import ts from "typescript";
import { docOf } from "./program.mjs";

/*
 * Types of the wire, which the protocol infers from its schemas, written out: who uses them needs no zod, and reads the
 * fields with what their schemas say of them instead of how they were inferred.
 */

const { factory } = ts;
const FLAGS =
  ts.NodeBuilderFlags.NoTruncation |
  ts.NodeBuilderFlags.InTypeAlias |
  ts.NodeBuilderFlags.MultilineObjectLiterals |
  ts.NodeBuilderFlags.UseAliasDefinedOutsideCurrentScope;
/** A union of fewer words says more than its name. */
const MIN_NAMED = 4;

/** `write(symbol)` gives the declaration of a type alias as `{ text, references }`: the symbols that it names. */
export function createSchemaTypes({ checker }, aliases) {
  const named = aliases.flatMap((symbol) => {
    const words = wordsOf(checker.getDeclaredTypeOfSymbol(symbol));
    return words.length < MIN_NAMED ? [] : [{ symbol, key: keyOf(words) }];
  });
  const printer = ts.createPrinter();

  function write(symbol) {
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const references = [];
    const node = refined(checker.typeToTypeNode(type, undefined, FLAGS), type, symbol, references);
    collect(node, references);
    const alias = factory.createTypeAliasDeclaration(undefined, symbol.name, undefined, node);
    const [{ parent: top }] = [symbol.declarations[0]];
    const file = ts.isSourceFile(top) ? top : top.getSourceFile();
    const text = printer.printNode(ts.EmitHint.Unspecified, alias, file);
    return { text: `${comment(aliasDoc(symbol))}${text}`, references };
  }

  /** The same with names of unions, and with what is said of fields. */
  function refined(node, type, self, references) {
    if (ts.isTypeLiteralNode(node)) return literal(node, type, self, references);
    if (ts.isArrayTypeNode(node)) {
      const [element] = checker.getTypeArguments(type);
      return factory.createArrayTypeNode(
        inBrackets(refined(node.elementType, element, self, references)),
      );
    }
    if (!ts.isUnionTypeNode(node)) return node;
    const words = wordsOf(type);
    const alias = named.find(({ symbol, key }) => symbol !== self && key === keyOf(words));
    if (alias !== undefined) {
      references.push(alias.symbol);
      const others = node.types.filter(isNothing);
      return factory.createUnionTypeNode([
        factory.createTypeReferenceNode(alias.symbol.name),
        ...others,
      ]);
    }
    const objects = (type.types ?? []).filter((one) => one.flags & ts.TypeFlags.Object);
    const isObject = (one) => ts.isTypeLiteralNode(one) || ts.isArrayTypeNode(one);
    if (node.types.filter(isObject).length !== objects.length) return node;
    const rest = [...objects];
    return factory.createUnionTypeNode(
      node.types.map((one) => (isObject(one) ? refined(one, rest.shift(), self, references) : one)),
    );
  }

  function literal(node, type, self, references) {
    const members = node.members.map((member) => {
      const field = ts.isPropertySignature(member)
        ? checker.getPropertyOfType(type, member.name.text)
        : undefined;
      if (field === undefined) return member;
      const inner = refined(member.type, checker.getTypeOfSymbol(field), self, references);
      const made = factory.createPropertySignature(
        member.modifiers,
        member.name,
        member.questionToken,
        inner,
      );
      const doc = fieldDoc(field);
      if (doc === "") return made;
      const text = `* ${doc.replaceAll("*/", "* /")} `;
      return ts.addSyntheticLeadingComment(made, ts.SyntaxKind.MultiLineCommentTrivia, text, true);
    });
    const made = factory.createTypeLiteralNode(members);
    return ts.setEmitFlags(made, ts.getEmitFlags?.(node) ?? ts.EmitFlags.None);
  }

  function fieldDoc(field) {
    const declaration = field.declarations?.[0];
    const schema =
      declaration !== undefined && ts.isPropertyAssignment(declaration)
        ? described(declaration.initializer)
        : undefined;
    return schema ?? docOf(checker, field);
  }

  /** Of the type, else of the schema that it is inferred from. */
  function aliasDoc(symbol) {
    const own = docOf(checker, symbol);
    if (own !== "") return own;
    let doc = "";
    ts.forEachChild(symbol.declarations[0].type, function look(node) {
      if (ts.isTypeQueryNode(node)) {
        const schema = checker.getSymbolAtLocation(node.exprName);
        const aliased = schema?.flags & ts.SymbolFlags.Alias;
        doc ||= docOf(checker, aliased ? checker.getAliasedSymbol(schema) : schema);
      }
      ts.forEachChild(node, look);
    });
    return doc;
  }

  return { write };
}

/** What the schema of a field says of it, where it says so right there. */
function described(schema) {
  for (let at = schema; ts.isCallExpression(at) && ts.isPropertyAccessExpression(at.expression); ) {
    const [text] = at.arguments;
    if (at.expression.name.text === "describe" && text !== undefined)
      return ts.isStringLiteralLike(text) ? text.text.replaceAll(/\s+/g, " ") : undefined;
    at = at.expression.expression;
  }
  return undefined;
}

function isNothing(node) {
  const isNull = ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword;
  return isNull || node.kind === ts.SyntaxKind.UndefinedKeyword;
}

/** The words of a union that holds words and nothing else, but for null and undefined. */
function wordsOf(type) {
  const nothing = ts.TypeFlags.Null | ts.TypeFlags.Undefined;
  const members = (type.types ?? []).filter((one) => !(one.flags & nothing));
  return members.every((one) => one.isStringLiteral()) ? members.map((one) => one.value) : [];
}

function keyOf(words) {
  return words.toSorted().join(" ");
}

function inBrackets(node) {
  return ts.isUnionTypeNode(node) ? factory.createParenthesizedType(node) : node;
}

function collect(node, references) {
  if (ts.isIdentifier(node) && node.symbol?.declarations !== undefined)
    references.push(node.symbol);
  ts.forEachChild(node, (child) => collect(child, references));
}

export function comment(doc) {
  return doc === "" ? "" : `/** ${doc.replaceAll("*/", "* /")} */\n`;
}
