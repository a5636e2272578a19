import { pathFlaw, STEP_FILE_LIMITS } from "@yardmaster/protocol";
import type { Template } from "../../../expressions/index.ts";
import { type RunnerSpec, startsProcess } from "../../definition.ts";
import type { DocumentNode } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { readTemplate } from "../fields/expressions.ts";
import { type Fields, readFields } from "../fields/fields.ts";
import { kindOf } from "../fields/read-value.ts";
import type { Visible } from "../fields/visible.ts";

/** `files` of an action: names and globs of what a success hands back out of its work folder. */
export function readFiles(fields: Fields, report: Report): readonly string[] | undefined {
  const node = fields.get("files");
  if (node === undefined) return undefined;
  if (node.kind !== "list" || node.items.length === 0) {
    const message = `files must be a list of names and globs, not ${node.kind === "list" ? "an empty one" : kindOf(node)}`;
    report(node.place, message, 'write files: [report.pdf, "out/**/*.csv"]');
    return undefined;
  }
  if (node.items.length > STEP_FILE_LIMITS.globs)
    report(node.place, `${node.items.length} files; at most ${STEP_FILE_LIMITS.globs} are allowed`);
  const texts = fields.texts("files");
  for (const item of node.items) if (item.kind === "scalar") checkGlob(item, report);
  return texts;
}

function checkGlob(item: DocumentNode & { kind: "scalar" }, report: Report): void {
  if (typeof item.value !== "string") return;
  const at = item.value.indexOf("${{");
  if (at >= 0) {
    const hint = "name a folder, and let the program write into it: out/*";
    return report(item.inside(at), "files of an action take no expressions", hint);
  }
  const flaw = pathFlaw(item.value);
  if (flaw === undefined) return;
  const hint = "a path inside the work folder, with / between folders: out/*.csv";
  report(item.place, `files: ${JSON.stringify(item.value)} cannot be handed back: ${flaw}`, hint);
}

export const FILE_USE_KEYS = ["from", "to"];

const USE_HINT = 'write files: "${{ steps.<id>.files }}", or a list of such';

/**
 * `files` of a step: what is put into its work folder. An expression, `{ from: expression, to: folder }`, or a list of
 * these. That they are files is known only in a run.
 */
export function readFileUse(
  owner: Fields,
  kind: RunnerSpec["kind"] | undefined,
  visible: Visible,
  report: Report,
): Template | undefined {
  const node = owner.get("files");
  if (node === undefined) return undefined;
  if (kind !== undefined && !startsProcess(kind)) {
    const hint = "only a process or an agent (runner: process, runner: agent) has a work folder";
    report(owner.keyPlace("files"), "files cannot be given to this step", hint);
    return undefined;
  }
  const uses = node.kind === "list" ? node.items : [node];
  const isFine = uses.map((use) => checkUse(use, report)).every(Boolean);
  return isFine ? readTemplate(node, visible, report) : undefined;
}

function checkUse(node: DocumentNode, report: Report): boolean {
  if (node.kind === "scalar") return checkSource(node, report);
  const fields = readFields(node, "files", FILE_USE_KEYS, report);
  const from = fields?.get("from");
  if (fields === undefined) return false;
  if (from === undefined) {
    report(fields.place, 'files needs "from"', USE_HINT);
    return false;
  }
  return checkSource(from, report) && checkFolder(fields, report);
}

/** A file is known by its checksum, which nobody writes by hand: it comes out of an expression. */
function checkSource(node: DocumentNode, report: Report): boolean {
  if (
    node.kind === "scalar" &&
    typeof node.value === "string" &&
    /^\$\{\{.*\}\}$/s.test(node.value)
  )
    return true;
  report(node.place, `files must be an expression, not ${kindOf(node)}`, USE_HINT);
  return false;
}

function checkFolder(fields: Fields, report: Report): boolean {
  if (!fields.has("to")) return true;
  const to = fields.text("to");
  if (to === undefined) return false;
  const flaw = to.includes("${{") ? undefined : pathFlaw(to);
  if (flaw === undefined) return true;
  report(fields.get("to")?.place ?? fields.place, `to is no folder in the work folder: ${flaw}`);
  return false;
}
