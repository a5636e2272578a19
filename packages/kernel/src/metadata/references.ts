/**
 * An issue as a body names it: a number of the own project, `owner/repo#160` of another, `PROJ-12` of a tracker that
 * names its issues so, or the whole URL of an issue of another host.
 */
export type IssueReference = number | string;

/** Where the body stands that refers to issues. */
export interface ReferringIssue {
  readonly number?: number | undefined;
  /** `owner/repo`. */
  readonly project?: string | undefined;
  /** Of the tracker's pages: `git.example.test`. */
  readonly host?: string | undefined;
}

export interface FoundReferences {
  /** Each once, in the order in which they were named; never the issue itself. */
  readonly references: readonly IssueReference[];
  readonly warnings: readonly string[];
}

/** More than this names a list, not blockers. */
export const MAX_REFERENCES = 200;

const SEPARATORS = /[\s,;]+/;
const SHORT = /^#(\d{1,9})$/;
const LONG = /^([\w.-]{1,100}\/[\w.-]{1,100})#(\d{1,9})$/;
const KEY = /^[A-Z][A-Z0-9_]{1,19}-\d{1,9}$/;
const URL_OF_ISSUE =
  /^https?:\/\/([^/\s]{1,253})\/(?:[^\s?#]{1,500}\/)?([\w.-]{1,100})\/([\w.-]{1,100})\/(?:-\/)?(?:issues|pull|pulls|merge_requests)\/(\d{1,9})\/?(?:[?#]\S*)?$/i;
const NOTHING = /^(?:none|nothing|nil|n\/a|na|no|-|–|—|\?|)$/i;

/** Reads what stands behind `Blocks:` or `Blocked by:`. What is in parentheses is a remark, and looks like a key at times. */
export function readReferences(
  texts: readonly string[],
  from: ReferringIssue = {},
): FoundReferences {
  const found = new Map<string, IssueReference>();
  const warnings: string[] = [];
  for (const text of texts) {
    const words = withoutRemarks(text).split(SEPARATORS).map(bareWord);
    const references = words.flatMap((word) => referenceOf(word, from) ?? []);
    const said = words.filter((word) => word !== "").join(" ");
    if (references.length === 0 && !NOTHING.test(said) && !NOTHING.test(words[0] ?? ""))
      warnings.push(`${JSON.stringify(said.slice(0, 60))} names no issue`);
    for (const reference of references) {
      if (isItself(reference, from)) warnings.push(`#${reference} is the issue itself`);
      else
        found.set(
          String(reference).toLowerCase(),
          found.get(String(reference).toLowerCase()) ?? reference,
        );
    }
  }
  const references = [...found.values()];
  if (references.length > MAX_REFERENCES)
    warnings.push(`of ${references.length} issues the first ${MAX_REFERENCES} are taken`);
  return { references: references.slice(0, MAX_REFERENCES), warnings };
}

/** Whether a text begins with a reference: a line of a list that stands under its label. */
export function beginsWithReference(text: string): boolean {
  const [first = ""] = withoutRemarks(text.slice(0, 1_000)).trim().split(SEPARATORS);
  return referenceOf(bareWord(first), {}) !== undefined;
}

/** One that is opened and not closed is a remark to the end of the line. */
function withoutRemarks(text: string): string {
  let kept = "";
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === "(") {
      if (depth++ === 0) kept += `${text.slice(from, at)} `;
    } else if (sign === ")" && depth > 0 && --depth === 0) from = at + 1;
  }
  return depth > 0 ? kept : kept + text.slice(from);
}

/** Without the brackets of a link and the stop of a sentence. */
function bareWord(word: string): string {
  return word.replace(/^[[<"']+/, "").replace(/[\]>"'.:!]+$/, "");
}

function referenceOf(word: string, from: ReferringIssue): IssueReference | undefined {
  const short = SHORT.exec(word)?.[1];
  if (short !== undefined) return positive(short);
  const long = LONG.exec(word);
  if (long !== null) return inProject(long[1] as string, positive(long[2] as string), from);
  const url = URL_OF_ISSUE.exec(word);
  if (url !== null) {
    const [, host = "", owner = "", repository = "", number = ""] = url;
    if (from.host !== undefined && from.host.toLowerCase() !== host.toLowerCase()) return word;
    return inProject(`${owner}/${repository}`, positive(number), from);
  }
  return KEY.test(word) ? word : undefined;
}

function positive(digits: string): number | undefined {
  const number = Number(digits);
  return number > 0 ? number : undefined;
}

function inProject(
  project: string,
  number: number | undefined,
  from: ReferringIssue,
): IssueReference | undefined {
  if (number === undefined) return undefined;
  return project.toLowerCase() === from.project?.toLowerCase() ? number : `${project}#${number}`;
}

function isItself(reference: IssueReference, { number }: ReferringIssue): boolean {
  return number !== undefined && reference === number;
}
