import { join, relative } from "node:path";
import type { PackCheck, PlacedError } from "@yardmaster/protocol/core";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusMark } from "../output/status.ts";
import { codeFrame } from "./code-frame.ts";

export interface ReportOptions {
  readonly cwd: string;
  /** The text of a file, empty where it cannot be read. */
  readonly read: (path: string) => Promise<string>;
}

const PARTS = [
  "workflows",
  "actions",
  "rules",
  "sources",
  "queues",
  "agents",
  "sensors",
  "tasks",
] as const;

const NOTHING = `nothing is defined: that is done by files in ${PARTS.map((part) => `${part}/`).join(", ")}`;

/** What was found in a pack: each problem and warning with its place as editors open it, a code frame and the way out. */
export async function packReport(
  check: PackCheck,
  { paint }: Pick<Output, "paint">,
  { cwd, read }: ReportOptions,
): Promise<string[]> {
  const folder = relative(cwd, check.folder) || ".";
  const texts = new Map<string, string>();
  const lines: string[] = [];
  const warnings = new Set(check.warnings);
  for (const problem of [...check.errors, ...warnings]) {
    const path = join(check.folder, problem.file);
    const text = texts.get(path) ?? (await read(path));
    texts.set(path, text);
    const place = `${join(folder, problem.file)}:${problem.line}:${problem.column}`;
    const word = warnings.has(problem) ? `${paint.held("warning:")} ` : "";
    lines.push(
      `${paint.strong(printable(place))}: ${word}${printable(problem.message)}`,
      ...codeFrame(text, problem, paint),
      ...(problem.hint === undefined ? [] : [`  ${printable(problem.hint)}`]),
      "",
    );
  }
  return [...lines, summary(check, folder, paint)];
}

function summary(check: PackCheck, folder: string, paint: Output["paint"]): string {
  const { errors } = check;
  const name = paint.strong(printable(check.pack ?? folder));
  const where = paint.faint(printable(folder));
  if (errors.length > 0) {
    return `${statusMark("broken", paint)} ${name}  ${where}  ${paint.bad(countOf(errors))}`;
  }
  const parts = PARTS.filter((part) => check[part].length > 0).map((part) =>
    amount(check[part].length, part),
  );
  const holds = parts.length > 0 ? parts.join(", ") : NOTHING;
  const line = `${name} ${check.version ?? ""}  ${where}  ${holds}`;
  if (check.warnings.length === 0) return `${statusMark("ok", paint)} ${line}`;
  return `${statusMark("warn", paint)} ${line}; ${paint.held(amount(check.warnings.length, "warnings"))}`;
}

/** The last of a list that was cut says how many more there are. */
function countOf(errors: readonly PlacedError[]): string {
  const more = /^(\d+) more problems? from here on$/.exec(errors.at(-1)?.message ?? "")?.[1];
  const count = more === undefined ? errors.length : errors.length - 1 + Number(more);
  return amount(count, "problems");
}

function amount(count: number, plural: string): string {
  return `${count} ${count === 1 ? plural.slice(0, -1) : plural}`;
}
