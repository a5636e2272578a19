import { join } from "node:path";
import ts from "typescript";

const INDEX = "packages/sdk/src/index.ts";

/**
 * The client library as the compiler sees it: `exported` are the symbols that its index.ts exports, by name, each as it
 * was declared; `isOurs` says of a source file whether it is of this checkout.
 */
export function readLibrary(root) {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram([join(root, INDEX)], {
    ...options,
    composite: false,
    sourceMap: false,
    emitDeclarationOnly: true,
    // By these and not as packages: of those the compiler emits nothing.
    paths: {
      "@yardmaster/protocol": [join(root, "packages/protocol/src/index.ts")],
      "@yardmaster/protocol/core": [join(root, "packages/protocol/src/core.ts")],
    },
  });
  const checker = program.getTypeChecker();
  const declared = (symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const index = checker.getSymbolAtLocation(program.getSourceFile(join(root, INDEX)));
  const exported = new Map(
    checker.getExportsOfModule(index).map((symbol) => [symbol.name, declared(symbol)]),
  );
  const isOurs = ({ fileName }) => fileName.startsWith(`${root}/packages/`);
  return { program, checker, declared, exported, isOurs };
}

/** The sentences that stand before a declaration, on one line. */
export function docOf(checker, symbol) {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).replaceAll(/\s+/g, " ");
}
