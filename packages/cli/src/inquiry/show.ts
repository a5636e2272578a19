import type { Inquiry } from "@yardmaster/protocol";
import type { Output } from "../output/output.ts";
import type { Paint } from "../output/paint.ts";
import { printable, withoutControl } from "../output/printable.ts";
import { statusMark, statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { fieldsOf, wanted } from "./field.ts";

/** A question, what it takes for an answer, and what became of it. */
export function showInquiry(inquiry: Inquiry, { lines, paint }: Output, nowMs: number): void {
  const { id, status, title, prompt, run_id, ref, step, asked_at } = inquiry;
  const fields = fieldsOf(inquiry.schema).map(
    (field) => `  ${printable(field.name)}: ${printable(wanted(field))}`,
  );
  lines(
    `${statusMark(status, paint)} ${paint.strong(printable(title ?? prompt))}  ${statusWord(status, paint)}`,
    ...(title === null ? [] : prompt.split("\n").map((line) => `  ${withoutControl(line)}`)),
    ...fields,
    paint.faint(
      `  step ${printable(step)} of run ${run_id}${ref === null ? "" : ` (${printable(ref)})`}, asked ${relativeTime(asked_at, nowMs)}`,
    ),
    ...endLines(inquiry, nowMs),
    ...(status === "open" ? [paint.faint(`Answer it: yard inquiries answer ${id}`)] : []),
  );
}

function endLines(inquiry: Inquiry, nowMs: number): string[] {
  const { status, assigned_to, expires_at, ended_at, answered_by, answer } = inquiry;
  if (status === "open") {
    const who =
      assigned_to === null ? "every token with inquiries:answer" : assigned_to.map(printable);
    const until = expires_at === null ? "" : `, ${relativeTime(expires_at, nowMs)} at the latest`;
    return [`  may be answered by ${[who].flat().join(", ")}${until}`];
  }
  const when = ended_at === null ? "" : ` ${relativeTime(ended_at, nowMs)}`;
  if (status !== "answered") return [`  ended${when}: nobody answered`];
  return [
    `  answered by ${printable(answered_by ?? "")}${when}`,
    `  ${printable(JSON.stringify(answer))}`,
  ];
}

export function inquiryRow(inquiry: Inquiry, nowMs: number, paint: Paint): string[] {
  const { id, status, ref, step, title, prompt, asked_at, expires_at, assigned_to } = inquiry;
  return [
    id,
    statusWord(status, paint),
    printable(`${ref ?? ""} ${step}`.trim()),
    relativeTime(asked_at, nowMs),
    expires_at === null || status !== "open" ? "" : relativeTime(expires_at, nowMs),
    printable(assigned_to?.join(", ") ?? ""),
    printable(title ?? prompt),
  ];
}
