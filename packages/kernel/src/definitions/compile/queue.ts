import { type LaneRate, MAX_RATE_STARTS, parseRate } from "../../admission/index.ts";
import type { QueueDefinition } from "../pack.ts";
import type { Report } from "../problem.ts";
import type { Fields } from "./fields/fields.ts";
import { MAX_CONCURRENCY } from "./fields/limits.ts";

export const QUEUE_KEYS = [
  "queue",
  "description",
  "concurrency",
  "key_concurrency",
  "rate",
  "fifo",
];

export function readQueue(name: string, fields: Fields, report: Report): QueueDefinition {
  const bounds = { min: 1, max: MAX_CONCURRENCY, integer: true };
  const concurrency = fields.number("concurrency", bounds);
  const keyConcurrency = fields.number("key_concurrency", bounds);
  const rate = readRate(fields, report);
  const fifo = fields.flag("fifo") ?? false;
  const description = fields.text("description");
  if (fifo && keyConcurrency !== undefined && keyConcurrency > 1) {
    const place = fields.get("key_concurrency")?.place ?? fields.place;
    report(place, "with fifo, one run at a time has a key: key_concurrency can only be 1");
  }
  return {
    name,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(keyConcurrency === undefined ? {} : { keyConcurrency }),
    ...(rate === undefined ? {} : { rate }),
    fifo,
    ...(description === undefined ? {} : { description }),
  };
}

function readRate(fields: Fields, report: Report): LaneRate | undefined {
  const given = fields.get("rate");
  // A bare number lacks its time: quotes alone would not mend it.
  const isNumber = given?.kind === "scalar" && typeof given.value === "number";
  const text = isNumber ? String(given.value) : fields.text("rate");
  if (text === undefined) return undefined;
  const rate = parseRate(text);
  if (rate === undefined) {
    const place = given?.place ?? fields.place;
    report(
      place,
      `rate must be a number from 1 to ${MAX_RATE_STARTS} and a time, as in 10/s, 100/m, 1000/h or 5/d`,
    );
  }
  return rate;
}
