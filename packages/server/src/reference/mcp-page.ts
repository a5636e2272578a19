import type { Tool } from "../mcp/index.ts";
import { code, pageOf, tableOf } from "./markdown.ts";

/** Every tool of `/mcp` with its scope and its arguments. */
export function mcpPage(tools: readonly Tool[]): string {
  return pageOf(
    "Tools for MCP clients",
    "What `/mcp` gives to clients of the Model Context Protocol: [how to connect one](../how-to/mcp-server.md). A token sees the tools that its scopes allow; of several scopes one is enough. Beside these, each action and workflow of a pack that says `as_tool: true` is a tool of its own.",
    tableOf(
      ["tool", "scope", "it", "what it does"],
      tools.map(({ name, scopes, annotations, description }) => [
        `[${code(name)}](#${name})`,
        scopes.map(code).join(", "),
        deedOf(annotations),
        description,
      ]),
    ),
    "*reads* changes nothing, *adds* and *changes* can be undone, *acts* starts, ends or decides what cannot be taken back: clients that ask before they call a tool go by this.",
    ...tools.map(sectionOf),
  );
}

function deedOf({ readOnlyHint, destructiveHint, idempotentHint }: Tool["annotations"]): string {
  if (readOnlyHint) return "reads";
  if (destructiveHint) return "acts";
  return idempotentHint ? "changes" : "adds";
}

function sectionOf({ name, inputSchema }: Tool): string {
  const properties = inputSchema["properties"] as Record<string, Argument>;
  const required = (inputSchema["required"] ?? []) as string[];
  const rows = Object.entries(properties).map(([argument, schema]) => [
    code(argument),
    required.includes(argument) ? "yes" : "",
    typeOf(schema),
    "default" in schema ? code(JSON.stringify(schema.default)) : "",
    schema.description ?? "",
  ]);
  const table =
    rows.length === 0
      ? "Takes no arguments."
      : tableOf(["argument", "required", "type", "default", "what it is"], rows);
  return `## ${name}\n\n${table}`;
}

interface Argument {
  readonly type?: string | string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Argument[];
  readonly default?: unknown;
  readonly description?: string;
}

function typeOf({ type, format, enum: words, anyOf }: Argument): string {
  if (words !== undefined) return words.map((word) => code(String(word))).join(", ");
  if (anyOf !== undefined) return anyOf.map(typeOf).join(" or ");
  const types = type === undefined ? "any" : [type].flat().join(" or ");
  return format === undefined ? types : `${types}, ${format}`;
}
