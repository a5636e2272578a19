import ts from "typescript";
import { docOf } from "./program.mjs";

/** docs/reference/client-library.md: every method of the client, and what it is told beside what it is about. */
export function libraryPage(library) {
  const { checker, exported } = library;
  const client = checker.getDeclaredTypeOfSymbol(exported.get("Client"));
  const members = client.getProperties();
  const resources = members.filter((member) => !isMethod(member));
  const options = [...exported.values()].filter(({ name }) => /Options$/.test(name));
  return `${[
    "<!-- Made from the code by scripts/reference.mjs: change it there. -->",
    "# Client library",
    "What `createClient` of `@yardmaster/sdk` gives; [how to use it](../how-to/client-library.md). What a method gives in a `Promise` is awaited, what it gives in an `AsyncGenerator` is read with `for await`. Each type is exported under its name, with what its fields mean.",
    "## Functions",
    methods(library, functionsOf(exported), ""),
    "## Client",
    methods(library, members.filter(isMethod), "client."),
    ...resources.flatMap((resource) => [
      `## client.${resource.name}`,
      methods(library, checker.getTypeOfSymbol(resource).getProperties(), `${resource.name}.`),
    ]),
    "## Options",
    ...options.flatMap((symbol) => [`### ${symbol.name}`, fields(library, symbol)]),
  ].join("\n\n")}\n`;
}

function functionsOf(exported) {
  return [...exported.values()].filter(({ flags }) => flags & ts.SymbolFlags.Function);
}

function isMethod({ flags }) {
  return (flags & ts.SymbolFlags.Method) !== 0;
}

function methods({ checker }, symbols, prefix) {
  const rows = symbols.map((symbol) => {
    const { parameters, typeParameters, type } = symbol.declarations[0];
    const generic = typeParameters === undefined ? "" : `<${typeParameters.map(words).join(", ")}>`;
    const call = `${prefix}${symbol.name}${generic}(${parameters.map(parameter).join(", ")})`;
    return row(code(call), code(gives(type)), saidOf(checker, symbol));
  });
  return table(["call", "gives", ""], rows);
}

function saidOf(checker, symbol) {
  const doc = docOf(checker, symbol);
  if (doc === "") throw new Error(`nothing is said of ${symbol.declarations[0].getText()}`);
  return doc;
}

/** Without a fallback, which is how it works and not what it takes. */
function parameter({ name, questionToken, initializer, type }) {
  const isOptional = questionToken !== undefined || initializer !== undefined;
  const label = ts.isIdentifier(name) ? name.text : "options";
  return `${label}${isOptional ? "?" : ""}: ${words(type)}`;
}

/** Of a generator what it gives one after the other. */
function gives(type) {
  return words(type).replace(/^AsyncGenerator<([\s\S]*), void, undefined>$/, "AsyncGenerator<$1>");
}

function fields({ checker }, symbol) {
  const [own, taken] = ownAndTaken(checker.getDeclaredTypeOfSymbol(symbol).getProperties(), symbol);
  const rows = [...own, ...taken].map((field) => {
    const isOptional = (field.flags & ts.SymbolFlags.Optional) !== 0;
    const type = field.declarations[0].type ?? field.declarations[0];
    const written = words(type)
      .replace(/ \| undefined$/, "")
      .replace(/^\((.*=>.*)\)$/, "$1");
    return row(
      code(`${field.name}${isOptional ? "?" : ""}`),
      code(written),
      saidOf(checker, field),
    );
  });
  return table(["field", "type", ""], rows);
}

/** What it takes over of others (`extends Pick<…>`) comes in an order that depends on what was compiled before: here by its place. */
function ownAndTaken(properties, symbol) {
  const isOwn = ({ declarations }) => symbol.declarations.includes(declarations[0].parent);
  const placeOf = ({ declarations: [declaration] }) =>
    `${declaration.getSourceFile().fileName}:${String(declaration.pos).padStart(9, "0")}`;
  const taken = properties.filter((field) => !isOwn(field));
  return [properties.filter(isOwn), taken.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))];
}

/** As the source has it, on one line. */
function words(node) {
  return node
    .getText()
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/([<(]) | (?=[>)](?!=))|,(?= [)>])/g, "$1")
    .replaceAll(/, *(?=[>)])/g, "");
}

function code(text) {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

function row(...cells) {
  return `| ${cells.map((cell, index) => (index < 2 ? cell : cell.replaceAll("|", "\\|"))).join(" | ")} |`;
}

function table(heads, rows) {
  return [row(...heads), row(...heads.map(() => "---")), ...rows].join("\n");
}
