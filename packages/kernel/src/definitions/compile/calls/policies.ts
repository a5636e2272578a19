import type { Template } from "../../../expressions/index.ts";
import type { QueueUse, RetryPolicy } from "../../definition.ts";
import type { DocumentNode } from "../../document.ts";
import type { QueueDefinition } from "../../pack.ts";
import type { Report } from "../../problem.ts";
import { didYouMean } from "../fields/did-you-mean.ts";
import { readExpression, readTemplate } from "../fields/expressions.ts";
import { type Fields, readFields } from "../fields/fields.ts";
import { MAX_ATTEMPTS, MAX_DELAY_MS, MAX_TIMEOUT_MS } from "../fields/limits.ts";
import { VISIBLE_ERROR, type Visible } from "../fields/visible.ts";

export const QUEUE_USE_KEYS = ["name", "key"];
export const RETRY_KEYS = ["attempts", "if", "backoff", "delay", "max_delay", "jitter"];
export const BACKOFFS = ["constant", "linear", "exponential"] as const;

const DEFAULT_DELAY_MS = 1_000;
const DEFAULT_MAX_DELAY_MS = 60 * 60_000;

/** `retry:`. `attempts` is the total number of tries; what is left out: exponential from 1s up to 1h, no jitter. */
export function readRetry(owner: Fields, report: Report): RetryPolicy | undefined {
  const node = owner.get("retry");
  if (node?.kind === "scalar" && typeof node.value === "number") {
    const hint = `write retry: { attempts: ${node.value} }, the number of tries`;
    report(node.place, "retry must be a map, not a number", hint);
    return undefined;
  }
  const fields = node && readFields(node, "retry", RETRY_KEYS, report);
  if (fields === undefined) return undefined;
  if (!fields.has("attempts")) report(fields.place, 'retry needs "attempts", the number of tries');
  const attempts = fields.number("attempts", { min: 1, max: MAX_ATTEMPTS, integer: true });
  const delayMs = fields.durationMs("delay", { min: 0, max: MAX_DELAY_MS }) ?? DEFAULT_DELAY_MS;
  const maxMs = fields.durationMs("max_delay", { min: 0, max: MAX_DELAY_MS });
  if (maxMs !== undefined && maxMs < delayMs)
    report(fields.get("max_delay")?.place ?? fields.place, "max_delay is shorter than delay");
  const ifNode = fields.get("if");
  const condition = ifNode && readExpression(ifNode, "retry.if", "bool", VISIBLE_ERROR, report);
  return {
    attempts: attempts ?? 1,
    ...(condition === undefined ? {} : { condition }),
    backoff: fields.word("backoff", BACKOFFS) ?? "exponential",
    delayMs,
    maxDelayMs: maxMs ?? Math.max(delayMs, DEFAULT_MAX_DELAY_MS),
    jitter: fields.number("jitter", { min: 0, max: 1 }) ?? 0,
  };
}

export function readTimeoutMs(owner: Fields): number | undefined {
  return owner.durationMs("timeout", { min: 1, max: MAX_TIMEOUT_MS });
}

/** `priority`: 1 is admitted first, 9 last. */
export function readPriority(owner: Fields): number | undefined {
  return owner.number("priority", { min: 1, max: 9, integer: true });
}

export type Queues = ReadonlyMap<string, QueueDefinition | undefined>;

/** `queue: name` or `queue: { name, key }`. A queue that is declared but broken is in `queues` as undefined. */
export function readQueueUse(
  owner: Fields,
  queues: Queues,
  visible: Visible,
  report: Report,
): QueueUse | undefined {
  const node = owner.get("queue");
  if (node === undefined) return undefined;
  if (node.kind !== "map") return useOf(owner.text("queue"), undefined, node, queues, report);
  const fields = readFields(node, "queue", QUEUE_USE_KEYS, report);
  const keyNode = fields?.get("key");
  const key = keyNode && readTemplate(keyNode, visible, report);
  const name = fields?.requiredText("name");
  const isBroken = keyNode !== undefined && key === undefined;
  const use = useOf(
    name,
    isBroken ? UNKNOWN_KEY : key,
    fields?.get("name") ?? node,
    queues,
    report,
  );
  return isBroken ? undefined : use;
}

/** In place of a key that could not be read: that there is one is known. */
const UNKNOWN_KEY: Template = { constant: false, render: () => ({ ok: true, value: "" }) };

function useOf(
  name: string | undefined,
  key: Template | undefined,
  node: DocumentNode,
  queues: Queues,
  report: Report,
): QueueUse | undefined {
  if (name === undefined) return undefined;
  if (!queues.has(name)) {
    const hint = didYouMean(name, queues.keys()) ?? "define it in queues/*.yaml of this pack";
    report(node.place, `there is no queue "${name}"`, hint);
    return undefined;
  }
  const queue = queues.get(name);
  const isKeyed = queue !== undefined && (queue.fifo || queue.keyConcurrency !== undefined);
  if (isKeyed && key === undefined) {
    const hint = `write queue: { name: ${name}, key: "\${{ … }}" }`;
    report(node.place, `the queue "${name}" works by key, and no key is given`, hint);
    return undefined;
  }
  return key === undefined ? { name } : { name, key };
}
