import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** One raw inbound thing as it arrived. */
export interface Delivery {
  readonly id: string;
  readonly channel: "webhook" | "api" | "sensor" | "schedule" | "tracker";
  /** Name of the webhook's source; else the `source` of the CloudEvent. */
  readonly source: string;
  readonly receivedAt: string;
  readonly senderId: string | null;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly bodySha256: Buffer;
  /** Which secret the signature matched, which token posted it, which sensor printed it, or which tracker was asked. */
  readonly verifiedBy: string;
  /** Why no event came of it. */
  readonly problem: string | null;
  /** What makes another delivery a duplicate of this one. */
  readonly keys: readonly DeliveryKey[];
}

export interface DeliveryKey {
  readonly key: Buffer;
  /** How long back the same key means a duplicate; null: as long as keys are kept. */
  readonly windowMs: number | null;
}

const KEY_BYTES = 16;

/** 16 bytes of a hash are few enough to be a small index and too many to meet by chance. */
export function deliveryKey(windowMs: number | null, ...parts: readonly string[]): DeliveryKey {
  return { key: sha256(JSON.stringify(parts)).subarray(0, KEY_BYTES), windowMs };
}

/** The same source and id again is the same event. */
export function cloudEventKey(source: string, id: string): DeliveryKey {
  return deliveryKey(null, "cloudevent", source, id);
}

export function sha256(data: Buffer | string): Buffer {
  return hash("sha256", data, "buffer");
}

export const NOT_KEPT = "(not kept)";

/** They let their reader act as the sender, and no record needs them. */
const SECRET_HEADERS = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "x-api-key",
  "x-auth-token",
]);

export function headersText(headers: IncomingHttpHeaders): string {
  return JSON.stringify(headers, (name, value: unknown) =>
    SECRET_HEADERS.has(name) ? NOT_KEPT : value,
  );
}
