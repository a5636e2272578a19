import { STEP_STATUSES } from "@yardmaster/protocol";
import type { DocumentNode, ScalarNode } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { didYouMean } from "../fields/did-you-mean.ts";

/** Prose and programs, in which an expression is none. */
const NO_EXPRESSIONS: ReadonlySet<string> = new Set(["description", "script"]);
/** Here an expression stands bare. */
const BARE: ReadonlySet<string> = new Set(["if", "for_each", "until"]);

const STATUS = String.raw`\b(?:run|steps(?:\.[A-Za-z_]\w*|\[\s*(?:"[^"]*"|'[^']*')\s*\]))\.status`;
const WORD = String.raw`(?:"(\w*)"|'(\w*)')`;
const COMPARED = new RegExp(
  String.raw`${STATUS}\s*[=!]=\s*${WORD}|${WORD}\s*[=!]=\s*${STATUS}(?!\w)`,
  "g",
);

/** What other systems call them. */
const ELSEWHERE: { readonly [word: string]: string } = {
  succeeded: "success",
  successful: "success",
  completed: "success",
  ok: "success",
  failure: "failed",
  error: "failed",
  timeout: "timed_out",
  cancelled: "canceled",
};

/** A status that nothing ever has: an `if` that asks for it holds never, or always, and nobody is told. */
export function reportStatusWords(node: DocumentNode | undefined, report: Report, key = ""): void {
  if (node === undefined || NO_EXPRESSIONS.has(key)) return;
  if (node.kind === "list") for (const item of node.items) reportStatusWords(item, report, key);
  else if (node.kind === "map")
    for (const [name, { value }] of node.entries) reportStatusWords(value, report, name);
  else if (BARE.has(key) || String(node.value).includes("${{")) reportIn(node, report);
}

function reportIn(node: ScalarNode, report: Report): void {
  if (typeof node.value !== "string") return;
  for (const match of node.value.matchAll(COMPARED)) {
    const word = match.slice(1).find((one) => one !== undefined) ?? "";
    if ((STEP_STATUSES as readonly string[]).includes(word)) continue;
    const meant = ELSEWHERE[word.toLowerCase()];
    const hint =
      meant === undefined
        ? (didYouMean(word, STEP_STATUSES) ?? `there is ${STEP_STATUSES.join(", ")}`)
        : `did you mean "${meant}"?`;
    report(node.inside(match.index), `nothing has the status "${word}"`, hint);
  }
}
