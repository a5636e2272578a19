import { readFileSync } from "node:fs";
import {
  MAX_ALLOCATED,
  MAX_EXPRESSION_BYTES,
  MAX_INSTRUCTIONS,
  MAX_LAYOUT,
  MAX_LITERAL_ELEMENTS,
  MAX_NESTING,
  MAX_NODES,
  MAX_PATTERN,
  MAX_RESULT,
  MAX_STEPS,
  MAX_TEMPLATE_BYTES,
  MAX_VALUE_DEPTH,
} from "../limits.ts";
import { type FunctionEntry, functionReference } from "../reference.ts";
import { judgeCel, judgeQueries } from "./exceptions.fixture.ts";

/** docs/expressions.md, with the parts that are made from the code made anew. */

export const PAGE = new URL("../../../../../docs/expressions.md", import.meta.url);

export function expressionsPage(): string {
  const made: { readonly [part: string]: string } = {
    functions: functionTables(),
    bounds: boundsTable(),
    conformance: conformanceText(),
  };
  return readFileSync(PAGE, "utf8").replace(
    /(<!-- made from the code: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (whole, open: string, part: string, close: string) =>
      made[part] === undefined ? whole : `${open}\n${made[part]}\n\n${close}`,
  );
}

function functionTables(): string {
  const entries = functionReference();
  const chapters = [...new Set(entries.map(({ chapter }) => chapter))];
  return chapters
    .map((chapter) => {
      const rows = entries.filter((entry) => entry.chapter === chapter).map(functionRow);
      return `### ${chapter}\n\n${table(["function", "what it gives", "this is true"], rows)}`;
    })
    .join("\n\n");
}

function functionRow({ signature, does, example }: FunctionEntry): readonly string[] {
  return [code(signature), does.replaceAll("|", "\\|"), code(example)];
}

/** Code in a cell of a table: a | ends a cell even there, and a ` needs two around it. */
function code(text: string): string {
  const cell = text.replaceAll("|", "\\|");
  return cell.includes("`") ? `\`\` ${cell} \`\`` : `\`${cell}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function boundsTable(): string {
  const rows = [
    ["text of an expression", `${count(MAX_EXPRESSION_BYTES)} bytes`, "when it is loaded"],
    [
      "text of the strings with expressions in one template",
      `${count(MAX_TEMPLATE_BYTES)} bytes`,
      "when it is loaded",
    ],
    ["nodes of an expression", count(MAX_NODES), "when it is loaded"],
    ["nesting of parentheses, calls and literals", count(MAX_NESTING), "when it is loaded"],
    ["elements of a list or map literal", count(MAX_LITERAL_ELEMENTS), "when it is loaded"],
    [
      "a pattern; with its counted repeats written out",
      `${count(MAX_PATTERN)} characters; ${count(MAX_INSTRUCTIONS)} parts`,
      "when it is loaded, or when used",
    ],
    [
      "a JMESPath query; nesting in it",
      `${count(MAX_EXPRESSION_BYTES)} characters; ${MAX_NESTING}`,
      "when it is loaded, or when used",
    ],
    ["a layout of times", `${MAX_LAYOUT} characters`, "when it is loaded, or when used"],
    ["steps of an evaluation, or of a whole template", count(MAX_STEPS), "when evaluated"],
    ["characters and list elements made on the way", count(MAX_ALLOCATED), "when evaluated"],
    ["the result as JSON", `${count(MAX_RESULT)} bytes`, "when evaluated"],
    ["nesting of a result", count(MAX_VALUE_DEPTH), "when evaluated"],
  ];
  return table(["what", "at most", "refused"], rows);
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function conformanceText(): string {
  const [cel, queries] = [judgeCel(), judgeQueries()];
  const excepted = cel.exceptions.reduce((sum, { names }) => sum + names.length, 0);
  const rows = cel.exceptions.map(({ reason, names }) => [reason, count(names.length)]);
  return [
    `- **CEL**: of the ${count(cel.total)} tests of the specification's conformance suite, ${count(cel.passed.length)} pass. The other ${count(excepted)} are of what is deliberately not part of the language, each listed by its name with the reason:`,
    "",
    table(["not part of it", "tests"], rows),
    "",
    `- **JMESPath**: all ${count(queries.passed.length)} of ${count(queries.total)} tests of the compliance suite pass.`,
  ].join("\n");
}
