import {
  compileTemplate,
  DEFAULT_METADATA,
  DEFAULT_WORK_PRIORITY,
  type WorkEvent,
} from "@yardmaster/kernel";
import { type AppError, isAppError, type Json, type JsonObject } from "@yardmaster/protocol";
import type { Engine, PreparedRun } from "../../engine/index.ts";
import type { OrderRow } from "../orders/order-row.ts";
import type { IssueRow, ItemRow } from "../work-row.ts";

/** A run that is ready to be committed, or what became of the try to make one. */
export type Started =
  | { readonly run: PreparedRun }
  | { readonly failed: Extract<WorkEvent, { type: "start_failed" }> };

/** The item as a run is given it. */
export function itemInput(item: ItemRow, issue: IssueRow): JsonObject {
  const { from, warnings, ...metadata } = issue.metadata;
  const { number, title, body, url, author, project } = issue;
  return {
    ...{
      id: item.id,
      tracker: item.tracker,
      project,
      number,
      title,
      body: body ?? "",
      url,
      author,
    },
    metadata: metadata as unknown as Json,
    ...{ metadata_from: from as unknown as Json, warnings: [...warnings] },
    ...{ attempt: item.attempts + 1, priority: item.priority },
  };
}

/** An item as any may be, by which it is known before the first whether something can be started with one. */
export const SAMPLE_ITEM: JsonObject = {
  ...{ id: "00000000-0000-7000-8000-000000000000", tracker: "sample", project: "owner/repo" },
  ...{ number: 1, title: "A title", body: "A body", url: null, author: null },
  metadata: DEFAULT_METADATA as unknown as Json,
  ...{ metadata_from: {}, warnings: [], attempt: 1, priority: DEFAULT_WORK_PRIORITY },
};

/**
 * Makes the run of an item. What a person must put right, such as a workflow that is not there, is told from what broke
 * and may not the next time.
 */
export function startRunOf(
  item: ItemRow,
  issue: IssueRow,
  order: Pick<OrderRow, "run" | "input">,
  prepare: Engine["prepare"],
): Started {
  const rendered = inputOf(order.input, { item: itemInput(item, issue) });
  if (typeof rendered === "string") return failed("for_person", `with: ${rendered}`);
  try {
    return {
      run: prepare({
        ...{ ref: order.run, input: rendered.value, createdBy: `work:${item.id}` },
        ...(item.event_id !== null && { eventId: item.event_id }),
      }),
    };
  } catch (error) {
    if (isAppError(error)) return failed("for_person", sentence(error));
    return failed("passing", error instanceof Error ? error.message : String(error));
  }
}

function failed(kind: "passing" | "for_person", message: string): Started {
  return { failed: { type: "start_failed", kind, message } };
}

function inputOf(said: Json, scope: { readonly item: JsonObject }): { value: Json } | string {
  if (said === null) return { value: scope };
  const compiled = compileOrderInput(said);
  if (!compiled.ok) return compiled.errors[0]?.message ?? "cannot be read";
  const rendered = compiled.value.render(scope);
  return rendered.ok ? { value: rendered.value } : rendered.error.message;
}

/** Its expressions see `item`. */
export function compileOrderInput(said: Json): ReturnType<typeof compileTemplate> {
  return compileTemplate(said, { variables: { item: true } });
}

function sentence({ message, errors }: AppError): string {
  return [message, ...errors.map((place) => `${place.path || "/"} ${place.message}`)].join("; ");
}
