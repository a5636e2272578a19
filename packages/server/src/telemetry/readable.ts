import { stripVTControlCharacters } from "node:util";

const COLOURS: Readonly<Record<string, number>> = { debug: 2, info: 36, warn: 33, error: 31 };

/** A line of the log as people read it on a terminal: time, level, message, fields; an error with its stack below. */
export function readableLine(json: string, { colours }: { readonly colours: boolean }): string {
  const { time, level, msg, err, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const word = String(level);
  const label = word.padEnd(5);
  const shown = colours ? `\x1b[${COLOURS[word] ?? 0}m${label}\x1b[0m` : label;
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${shortText(value)}`);
  const head = [String(time).slice(11, 23), shown, shortText(msg), ...rest].join(" ");
  return `${head}${err === undefined ? "" : errorLines(err)}\n`;
}

function shortText(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return stripVTControlCharacters(text);
}

function errorLines(error: unknown): string {
  const { stack, message } = error as { stack?: string; message?: string };
  return stripVTControlCharacters(`\n${stack ?? message ?? ""}`).replaceAll("\n", "\n    ");
}
