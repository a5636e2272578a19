import ts from "typescript";
import { createEmittedTypes } from "./emitted-types.mjs";
import { createSchemaTypes } from "./schema-types.mjs";

/**
 * All types of the client library in one text: what its index.ts exports, and what that is made of. Two declarations of
 * one name are an error, and so is a type of another package: whoever installs this one does not have it.
 */
export function flatTypes(library) {
  const { exported } = library;
  const waiting = [...exported.values()];
  const schemas = createSchemaTypes(library, waiting.filter(isInferred));
  const emitted = createEmittedTypes(library);
  const written = new Map();
  for (let symbol = waiting.shift(); symbol !== undefined; symbol = waiting.shift()) {
    const before = written.get(symbol.name);
    if (before?.symbol === symbol || !isWritten(library, symbol)) continue;
    if (before !== undefined) throw new Error(`two types of the sdk are named ${symbol.name}`);
    const { text, references } = (isInferred(symbol) ? schemas : emitted).write(symbol);
    written.set(symbol.name, { symbol, text });
    waiting.push(...references);
  }
  const texts = [...written.values()].map(({ text }) => text);
  return [...texts, `export { ${exportedNames(exported).join(", ")} };`, ""].join("\n\n");
}

/** False for what is of the language, of Node.js or of browsers. */
function isWritten({ program, isOurs }, { name, declarations: [declaration] = [] }) {
  if (declaration === undefined || ts.isTypeParameterDeclaration(declaration)) return false;
  const file = declaration.getSourceFile();
  if (program.isSourceFileDefaultLibrary(file)) return false;
  if (/\/node_modules\/(@types\/node|undici-types)\//.test(file.fileName)) return false;
  if (isOurs(file)) return true;
  throw new Error(`${name} of ${file.fileName} is in the types of the sdk`);
}

/** An alias of the protocol without parameters: its own text may name schemas. */
function isInferred({ declarations: [declaration] = [] }) {
  return (
    declaration !== undefined &&
    ts.isTypeAliasDeclaration(declaration) &&
    declaration.typeParameters === undefined &&
    declaration.getSourceFile().fileName.includes("/packages/protocol/")
  );
}

function exportedNames(exported) {
  return [...exported].map(([name, { flags }]) =>
    flags & ts.SymbolFlags.Value ? name : `type ${name}`,
  );
}
