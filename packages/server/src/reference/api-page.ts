import type { OpenApi } from "../http/index.ts";
import { code, pageOf, tableOf } from "./markdown.ts";

type Operation = OpenApi["paths"][string][string];

/** Every route with its scope, its parameters, and the schemas of what goes in and comes out. */
export function apiPage({ paths }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      title: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const chapters = tags.flatMap((tag) => [
    `## ${tag}`,
    ...operations
      .filter(({ operation }) => operation.tags.includes(tag))
      .map(({ title, operation }) => sectionOf(title, operation)),
  ]);
  return pageOf(
    "HTTP API",
    'The same as `/openapi.json` (OpenAPI 3.1) and `/docs/api` of a running server. Lists are JSON arrays; the next page stands in `Link: rel="next"`. Errors are problem details, see [errors](errors.md); scopes are explained in [scopes](scopes.md). What an `idempotency-key` is for: [send a request again](../how-to/sending-again.md).',
    ...chapters,
  );
}

const NEEDED: Readonly<Record<string, string>> = {
  open: "Open without a token.",
  any: "Any token.",
};

function sectionOf(title: string, operation: Operation): string {
  const { summary, description, parameters } = operation;
  const scope = operation["x-scope"];
  const facts = [
    NEEDED[scope] ?? `Scope ${code(scope)}.`,
    ...bodyFact(operation),
    ...Object.entries(operation.responses)
      .filter(([status]) => status !== "default")
      .map(([status, { description: what, content }]) =>
        `Answers ${status}: ${what}${schemaFact(content)}.`.replaceAll("..", "."),
      ),
  ];
  const rows = parameters.map(({ name, in: place, required, schema }) => [
    code(name),
    place,
    required ? "yes" : "",
    typeOf(schema),
  ]);
  return [
    `### ${code(title)}`,
    summary,
    ...(description === undefined ? [] : [description]),
    facts.map((fact) => `- ${fact}`).join("\n"),
    ...(rows.length === 0 ? [] : [tableOf(["parameter", "in", "required", "type"], rows)]),
  ].join("\n\n");
}

function bodyFact({ requestBody }: Operation): string[] {
  if (requestBody === undefined) return [];
  const types = Object.keys(requestBody.content).map(code).join(", ");
  return [`Takes ${types}${schemaFact(requestBody.content)}.`];
}

type Content = Record<string, { schema: { [key: string]: unknown } }> | undefined;

function schemaFact(content: Content): string {
  const [first] = Object.values(content ?? {});
  const type = first === undefined ? "" : typeOf(first.schema);
  return type === "" ? "" : ` (${type})`;
}

/** A schema in a word: the name of a component, a type, a list of either. */
function typeOf(schema: { readonly [key: string]: unknown }): string {
  const { $ref, type, items, format, enum: words, anyOf } = schema;
  if (typeof $ref === "string") return code($ref.slice($ref.lastIndexOf("/") + 1));
  if (Array.isArray(anyOf)) return anyOf.map(typeOf).join(" or ");
  if (Array.isArray(words)) return words.map((word) => code(String(word))).join(", ");
  if (type === "array" && typeof items === "object" && items !== null)
    return `list of ${typeOf(items as { readonly [key: string]: unknown })}`;
  return [type, format].filter((word) => typeof word === "string").join(", ");
}
