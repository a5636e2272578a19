import type { QueueDefinition } from "../pack.ts";
import type { Report } from "../problem.ts";
import type { Fields } from "./fields.ts";
import { MAX_CONCURRENCY } from "./limits.ts";

export const QUEUE_KEYS = ["queue", "description", "concurrency", "key_concurrency", "fifo"];

export function readQueue(name: string, fields: Fields, report: Report): QueueDefinition {
  const bounds = { min: 1, max: MAX_CONCURRENCY, integer: true };
  const concurrency = fields.number("concurrency", bounds);
  const keyConcurrency = fields.number("key_concurrency", bounds);
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
    fifo,
    ...(description === undefined ? {} : { description }),
  };
}
