import { type Problem, problemAsFieldError } from "@yardmaster/kernel";
import type { FieldError } from "@yardmaster/protocol";
import type { Packs, RuleFile } from "../packs/index.ts";

/** What is wrong in the folder that a rule came from, while its last good version goes on; in its own file first. */
export interface BrokenEdit {
  readonly folder: string;
  /** Whether the first problem is in the rule's own file. */
  readonly isOwn: boolean;
  /** At least one. */
  readonly problems: readonly [Problem, ...Problem[]];
}

export async function brokenEdit(
  packs: Pick<Packs, "problems">,
  { folder, file }: Pick<RuleFile, "folder" | "file">,
): Promise<BrokenEdit | undefined> {
  const found = (await packs.problems()).find((one) => one.folder === folder);
  if (found === undefined) return undefined;
  const own = found.problems.filter((problem) => problem.file === file);
  const others = found.problems.filter((problem) => problem.file !== file);
  const [first, ...rest] = [...own, ...others];
  if (first === undefined) return undefined;
  return { folder, isOwn: own.length > 0, problems: [first, ...rest] };
}

export function brokenEditErrors(edit: BrokenEdit | undefined): FieldError[] {
  return edit?.problems.map(problemAsFieldError) ?? [];
}

/** One sentence on what is broken where, by the first line of the first problem. */
export function brokenEditSentence({ isOwn, problems: [problem] }: BrokenEdit): string {
  const { file, line, column, message } = problem;
  const place = `${file}:${line}:${column}`;
  const [first] = message.split("\n");
  return isOwn
    ? `Its file is broken now, and the last good version goes on: ${place}: ${first}.`
    : `Its pack is broken now, and the last good version goes on, this rule's too: ${place}: ${first}.`;
}

export function brokenEditRemedy({ folder, problems: [problem] }: BrokenEdit): string {
  return `Put ${problem.file}:${problem.line} right: yard pack check ${folder}`;
}
