import { isUtf8 } from "node:buffer";
import { isJsonObject, type JsonObject } from "@yardmaster/protocol";
import { parseForeignJson } from "../../json/index.ts";
import { formPayload } from "./form-payload.ts";

/** What a webhook's body is, before its signature is known to be good: nothing of it has been parsed. */
export interface WebhookBody {
  readonly form: "json" | "form" | "other";
  /** As it came. */
  readonly raw: Buffer;
  /** The JSON text: the body, or the decoded field `payload` of a form. */
  readonly text: () => Buffer;
  readonly contentType: string;
}

export function webhookBody(contentType: string | undefined, raw: Buffer): WebhookBody {
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "application/x-www-form-urlencoded") {
    let payload: Buffer | undefined;
    const text = (): Buffer => {
      payload ??= formPayload(raw) ?? raw;
      return payload;
    };
    return { form: "form", raw, text, contentType: type };
  }
  // Minimal senders may leave the type out.
  const isJson = type === "" || /^(application|text)\/([^/]+\+)?json$/.test(type);
  return { form: isJson ? "json" : "other", raw, text: () => raw, contentType: type };
}

export type WebhookData =
  | {
      readonly ok: true;
      readonly data: JsonObject;
      readonly text: string;
      readonly isBody: boolean;
    }
  | {
      readonly ok: false;
      readonly code: "unsupported_media_type" | "invalid_json" | "too_large" | "invalid_request";
      readonly problem: string;
    };

/** Reads a body whose signature was good. Never throws, whatever a stranger sent. */
export function readWebhookBody({ form, text: bytesOf, contentType }: WebhookBody): WebhookData {
  if (form === "other")
    return {
      ok: false,
      code: "unsupported_media_type",
      problem: `the content type ${contentType} is neither JSON nor a form`,
    };
  const bytes = bytesOf();
  const text = bytes.toString("utf8");
  const parsed = parseForeignJson(text);
  if (!parsed.ok) return parsed;
  if (!isJsonObject(parsed.value))
    return { ok: false, code: "invalid_json", problem: "not a JSON object" };
  return { ok: true, data: parsed.value, text, isBody: form === "json" && isUtf8(bytes) };
}
