import type { JsonSchema } from "../../../schema/index.ts";
import {
  DEFAULT_ITEM_CONCURRENCY,
  DEFAULT_ROUNDS,
  type ForEach,
  MAX_ITEMS,
  type RepeatPolicy,
} from "../../definition.ts";
import type { Report } from "../../problem.ts";
import { readExpression } from "../fields/expressions.ts";
import { type Fields, readFields } from "../fields/fields.ts";
import { MAX_CONCURRENCY, MAX_DELAY_MS, MAX_ROUNDS } from "../fields/limits.ts";
import { itemSchema, type Visible } from "../fields/visible.ts";

export interface Items {
  /** Whether the step says `for_each`, even a wrong one. */
  readonly has: boolean;
  /** What `item` is. */
  readonly item: JsonSchema;
  readonly forEach?: ForEach;
}

export function readItems(fields: Fields, visible: Visible, report: Report): Items {
  const node = fields.get("for_each");
  const concurrency = fields.number("concurrency", {
    min: 1,
    max: MAX_CONCURRENCY,
    integer: true,
  });
  const batch = fields.number("batch", { min: 1, max: MAX_ITEMS, integer: true });
  if (node === undefined) {
    for (const key of ["concurrency", "batch"].filter(fields.has))
      report(fields.keyPlace(key), `${key} is for steps with for_each`);
    return { has: false, item: true };
  }
  const items = readExpression(node, "for_each", "list", visible, report);
  if (items === undefined) return { has: true, item: true };
  const item = itemSchema(items.source, visible);
  return {
    has: true,
    item: fields.has("batch") ? { type: "array", items: item } : item,
    forEach: {
      items,
      concurrency: concurrency ?? DEFAULT_ITEM_CONCURRENCY,
      ...(batch === undefined ? {} : { batch }),
    },
  };
}

export const REPEAT_KEYS = ["until", "max", "delay"];

/** `repeat: { until, max, delay }`. `visible` is what `until` sees: the step's own latest output, and `round`. */
export function readRepeat(
  owner: Fields,
  visible: Visible,
  report: Report,
): RepeatPolicy | undefined {
  const node = owner.get("repeat");
  const fields = node && readFields(node, "repeat", REPEAT_KEYS, report);
  if (fields === undefined) return undefined;
  if (owner.has("for_each")) {
    const hint = "put the repeating step into a workflow of its own, and call that for each item";
    report(owner.keyPlace("repeat"), "a step has for_each or repeat, not both", hint);
  }
  const untilNode = fields.get("until");
  if (untilNode === undefined) {
    const hint = `write for example until: steps.<id>.output.done`;
    report(fields.place, 'repeat needs "until", the condition that ends it', hint);
  }
  const until = untilNode && readExpression(untilNode, "until", "bool", visible, report);
  const max = fields.number("max", { min: 1, max: MAX_ROUNDS, integer: true });
  const delayMs = fields.durationMs("delay", { min: 0, max: MAX_DELAY_MS });
  if (until === undefined) return undefined;
  return { until, max: max ?? DEFAULT_ROUNDS, delayMs: delayMs ?? 0 };
}
