import type { Step } from "@yardmaster/protocol";
import { isFinal, nodesText } from "@yardmaster/protocol/core";
import { filesOf } from "./slots.ts";

/** How items can end beside success and being skipped. */
const ENDS = ["failed", "timed_out", "canceled"] as const;

/** What it calls, with what stands out: its section, how many items or rounds, tries and files, and why it waits. */
export function noteOf(step: Step): string {
  const { uses, reason, items, rounds, attempts, section, reused } = step;
  const notes = section === undefined ? [uses] : [section.replace("_", " "), uses];
  if (reused === true) notes.push("reused");
  if (items !== null) {
    // Where there is no room for all of it, what went wrong is what one looks for.
    for (const end of ENDS) {
      const ended = items.filter(({ status }) => status === end).length;
      if (ended > 0) notes.push(`${ended} ${end.replace("_", " ")}`);
    }
    const done = items.filter((item) => item.status === "success").length;
    notes.push(`${done}/${items.length} done`);
  }
  const taken = [...(items ?? []), ...(rounds ?? [])].filter((part) => part.reused === true).length;
  if (taken > 0) notes.push(`${taken} reused`);
  if (rounds !== undefined) notes.push(rounds.length === 1 ? "1 round" : `${rounds.length} rounds`);
  const nodes = nodesText(step);
  if (nodes !== "") notes.push(nodes);
  if (attempts.length > 1) notes.push(`${attempts.length} attempts`);
  const files = filesOf(step).length;
  if (files > 0) notes.push(files === 1 ? "1 file" : `${files} files`);
  const undo = undoNote(step);
  if (undo !== "") notes.push(undo);
  if (reason !== null) notes.push(reason);
  return notes.join(" · ");
}

/** How the undo of what it did stands; of one that failed, in the step or a part of it, why. */
function undoNote({ undo, items, rounds }: Step): string {
  const undos = [undo, ...[...(items ?? []), ...(rounds ?? [])].map((part) => part.undo)].filter(
    (one) => one !== undefined,
  );
  const failed = undos.find(({ status }) => isFinal(status) && status !== "success");
  if (failed !== undefined) return `undo: ${failed.status}: ${failed.error?.message ?? ""}`;
  return undo === undefined ? "" : `undo: ${undo.status}`;
}
