import type { IncomingHttpHeaders } from "node:http";
import { AppError, type Json } from "@yardmaster/protocol";
import { parseJsonBody } from "../json/index.ts";
import { type CloudEvent, checkCloudEvent } from "./cloud-event.ts";

/** Most events of one batch. */
export const MAX_BATCH = 100;

export interface CloudEventRequest {
  /** True where the answer is a list. */
  readonly batch: boolean;
  readonly events: readonly CloudEvent[];
}

/**
 * CloudEvents over HTTP: structured (`application/cloudevents+json`, or plain `application/json`), batched
 * (`application/cloudevents-batch+json`, or a JSON array), and binary (attributes in `ce-` headers, the body is the
 * data, and an event without data has none). The content type decides before the headers do.
 * @throws AppError `unsupported_media_type`, `invalid_json`, `invalid_request`, `reserved_event_type`
 */
export function readCloudEvents(headers: IncomingHttpHeaders, body: Buffer): CloudEventRequest {
  const contentType =
    (headers["content-type"] ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
  if (!/^application\/([^/]+\+)?json$/.test(contentType))
    throw new AppError(
      "unsupported_media_type",
      `Send application/cloudevents+json or application/json, not ${contentType}.`,
    );
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity")
    throw new AppError("unsupported_media_type", "Compressed bodies are not read; send plain JSON");
  const isBinary =
    headers["ce-specversion"] !== undefined && !contentType.startsWith("application/cloudevents");
  if (isBinary && body.length === 0) return { batch: false, events: [binary(headers)] };
  const value = parseJsonBody(body) as Json;
  if (isBinary) return { batch: false, events: [binary(headers, value)] };
  if (!Array.isArray(value)) return { batch: false, events: [checkCloudEvent(value)] };
  if (value.length > MAX_BATCH)
    throw new AppError(
      "too_large",
      `A batch holds at most ${MAX_BATCH} events, this one has ${value.length}.`,
    );
  return { batch: true, events: value.map((event: Json, i) => checkCloudEvent(event, `/${i}`)) };
}

/** Headers that hold an attribute of an event in binary mode. */
export function isAttributeHeader(name: string): boolean {
  return name.startsWith("ce-");
}

/** Values of `ce-` headers are percent-encoded (HTTP binding 1.0, 3.1.3.2). */
function binary(headers: IncomingHttpHeaders, data?: Json): CloudEvent {
  const attributes: Record<string, Json> = data === undefined ? {} : { data };
  for (const [name, value] of Object.entries(headers)) {
    if (isAttributeHeader(name) && typeof value === "string")
      attributes[name.slice(3)] = decode(value);
  }
  if (headers["traceparent"] !== undefined)
    attributes["traceparent"] ??= String(headers["traceparent"]);
  return checkCloudEvent(attributes);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
