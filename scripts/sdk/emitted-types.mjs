import ts from "typescript";

/** Declarations as the compiler emits them, with what they say of themselves: `{ text, references }`, as createSchemaTypes. */
export function createEmittedTypes({ program, checker, declared }) {
  const files = new Map();

  function statementsOf(file) {
    if (!files.has(file)) {
      let text = "";
      program.emit(file, (_, emitted) => (text = emitted), undefined, true);
      files.set(file, ts.createSourceFile("of.d.ts", text, ts.ScriptTarget.ES2023, true));
    }
    return files.get(file).statements;
  }

  function write(symbol) {
    const [declaration] = symbol.declarations;
    const statement = statementsOf(declaration.getSourceFile()).find((one) =>
      declares(one, symbol.name),
    );
    if (statement === undefined) throw new Error(`no declaration of ${symbol.name} was emitted`);
    const symbols = namesIn(statement).map((name) => resolve(name, declaration));
    return {
      text: statement
        .getFullText()
        .trim()
        .replace(/^(\/\*\*[\s\S]*?\*\/\s*)?export /, "$1"),
      references: symbols.filter((one) => one !== undefined),
    };
  }

  function resolve(name, place) {
    const { Type, Value } = ts.SymbolFlags;
    const symbol = checker.resolveName(name, place, Type | Value, false);
    return symbol && declared(symbol);
  }

  return { write };
}

function declares(statement, name) {
  const variables = statement.declarationList?.declarations ?? [];
  return [statement, ...variables].some((one) => one.name?.text === name);
}

/** The names of types that a declaration is made of. */
function namesIn(statement) {
  const names = [];
  ts.forEachChild(statement, function look(node) {
    const name = node.typeName ?? node.exprName ?? heritageOf(node);
    if (name !== undefined && ts.isIdentifier(name)) names.push(name.text);
    ts.forEachChild(node, look);
  });
  return names;
}

function heritageOf(node) {
  return ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
}
