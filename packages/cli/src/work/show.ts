import type { WorkItem, WorkItemDetail, WorkOrder } from "@yardmaster/protocol";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";

export function issueName({ project, number }: Pick<WorkItem, "project" | "number">): string {
  return printable(`${project}#${number}`);
}

/** Whether a queued one may begin is what one wants to know of it. */
export function itemStatus({ status, ready }: WorkItem, { paint }: Pick<Output, "paint">): string {
  const word = statusWord(status, paint);
  return status === "queued" ? `${word}${ready ? ", ready" : ""}` : word;
}

export function showItem(item: WorkItemDetail, out: Output, nowMs: number): void {
  const { metadata, metadata_from: from, reason, tries } = item;
  const at = (time: string): string => relativeTime(time, nowMs);
  const said = (field: string, value: string): string =>
    `${field.padEnd(10)}${printable(value)}${from[field] === "default" ? " (not said)" : ""}`;
  const list = (all: readonly (number | string)[]): string =>
    all.length === 0
      ? "nothing"
      : all.map((one) => (typeof one === "number" ? `#${one}` : one)).join(", ");
  out.lines(
    `${out.paint.strong(issueName(item))}  ${printable(item.title)}`,
    `is        ${itemStatus(item, out)}${reason === null ? "" : `: ${printable(reason)}`}`,
    `item      ${item.id}, made ${at(item.created_at)}`,
    ...(item.url === null ? [] : [`issue     ${printable(item.url)}, ${item.issue_state}`]),
    `tracker   ${printable(item.tracker)}`,
    `priority  ${item.priority}`,
    said("blocked_by", ` ${list(metadata.blocked_by)}`),
    `blocks    ${list(metadata.blocks)}`,
    `effort    ${metadata.estimated_context} tokens, ${metadata.difficulty}, for ${printable(metadata.assigned_agent)}`,
    ...item.warnings.map((warning) => `warning   ${printable(warning)}`),
    ...tries.map(
      ({ number, run_id, status, message, started_at }) =>
        `try ${number}     ${statusWord(status, out.paint)}, ${at(started_at)}${run_id === null ? "" : `, run ${run_id}`}${message === null ? "" : `: ${printable(message)}`}`,
    ),
    ...(item.next_try_at === null ? [] : [`next try  ${at(item.next_try_at)}`]),
  );
}

export function showOrder(order: WorkOrder, out: Output): void {
  const { tracker, run, status, reason, concurrency, max_attempts, agents } = order;
  const why = reason === null ? "" : `: ${printable(reason)}`;
  out.lines(
    `Work of ${out.paint.strong(printable(tracker))} is ${statusWord(status, out.paint)}${why}`,
    `runs      ${printable(run)}, ${concurrency} at once, ${max_attempts} tries each`,
    `with      ${order.with === null ? "the item as a whole: { item }" : printable(JSON.stringify(order.with))}`,
    ...(agents.length === 0 ? [] : [`agents    ${printable(agents.join(", "))}`]),
  );
}
