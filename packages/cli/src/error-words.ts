import type { AppError, FieldError } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import { printable } from "./output/printable.ts";

/** What is said of an error: its sentence, and the lines under it, which are safe to show. */
export interface ErrorWords {
  readonly head: string;
  readonly lines: readonly string[];
}

/**
 * An error in the words of the command line that met it: a field of the API is named by the option or argument that
 * gave it, and nothing is said twice.
 */
export function errorWords(
  { code, message, errors }: Pick<AppError, "code" | "message" | "errors">,
  command: Command | undefined,
): ErrorWords {
  const [first] = errors;
  // The sentence of what is not there says it all.
  if (first === undefined || code === "not_found") return { head: message, lines: [] };
  const isCheck = /^The (body|query|path): /.test(message);
  if (isCheck && errors.length === 1)
    return { head: fieldText(first, command), lines: hintLines(first, "") };
  const head = isCheck ? `${errors.length} values are not as they must be:` : message;
  const lines = errors.flatMap((error) => [
    ...(head.includes(error.message) ? [] : [`  ${printable(fieldText(error, command))}`]),
    ...hintLines(error, head),
  ]);
  return { head, lines };
}

function fieldText(error: FieldError, command: Command | undefined): string {
  const { path, message, expected, got } = error;
  const parts = [
    expected === undefined || message.includes(expected) ? "" : `expected ${expected}`,
    got === undefined || message.includes(`got ${got}`) ? "" : `got ${got}`,
  ].filter((part) => part !== "");
  const difference = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
  return `${placeOf(path, command)}: ${message}${difference}`;
}

function hintLines({ hint }: FieldError, head: string): string[] {
  return hint === undefined || head.includes(hint) ? [] : [`    ${printable(hint)}`];
}

/** Fields whose option has another name. */
const OPTIONS: { readonly [field: string]: string } = {
  expires_in: "expires",
  previous_valid_for: "previousFor",
  labels: "label",
  scopes: "scope",
};
/** Fields whose members are words of their own behind the command. */
const WORDS: { readonly [field: string]: string } = { labels: "changes" };

/** `/expires_in` as `--expires`, `/name` as `<name>`; as it is where neither gave it. */
function placeOf(path: string, command: Command | undefined): string {
  const [, field, ...rest] = path.split("/");
  if (field === undefined || command === undefined) return path || "/";
  const wanted = OPTIONS[field] ?? camelCase(field);
  const option = command.options.find((each) => each.attributeName() === wanted);
  // Of values that are given one by one, the place among them says nothing.
  const isOneOfMany = rest.length === 1 && /^\d+$/.test(rest[0] ?? "");
  const below = rest.length === 0 || isOneOfMany ? "" : ` /${rest.join("/")}`;
  if (option?.long && command.getOptionValueSource(wanted) === "cli")
    return `${option.long}${below}`;
  const argument = command.registeredArguments.find(
    (each) => each.name() === (WORDS[field] ?? field),
  );
  if (argument === undefined) return path;
  return argument.variadic && rest.length > 0 ? rest.join("/") : `<${field}>${below}`;
}

function camelCase(field: string): string {
  return field.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
