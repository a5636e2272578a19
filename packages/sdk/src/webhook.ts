import { AppError, type JsonObject } from "@yardmaster/protocol/core";
import { newKey } from "./transport/idempotency-key.ts";
import { type ClientOptions, createTransport } from "./transport/transport.ts";

export interface WebhookOptions extends Pick<ClientOptions, "fetch" | "retryForMs" | "trace"> {
  /** The whole address: of the server, and the `webhook_path` of the source. */
  readonly url: string;
  /** That of the source: `whsec_…`. */
  readonly secret: string;
  /** Names the message: sent again under the same id it is a duplicate. A new one unless given. */
  readonly id?: string | undefined;
  /** Gives the call up; its reason is what is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** What a source of kind `generic` answers; the same to a duplicate. */
export interface WebhookReply {
  readonly status: "success";
  /** The id of the event that the delivery became. */
  readonly event?: string | undefined;
  /** Its type. */
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * Signs a body by Standard Webhooks and posts it to a source of kind `generic`; no token is needed. Its `type` names
 * the event: `{ type: "shop.order" }` is `generic.shop.order`.
 */
export async function sendWebhook(
  body: JsonObject,
  { url, secret, id = `msg_${newKey()}`, signal, ...options }: WebhookOptions,
): Promise<WebhookReply> {
  const transport = createTransport({ ...options, url });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = await sign(keyOf(secret), `${id}.${timestamp}.${JSON.stringify(body)}`);
  return transport.json({
    method: "POST",
    path: "",
    body,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${signature}`,
    },
    signal,
  });
}

/** Nothing of the secret is in the error. */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (encoded === undefined)
    throw new AppError(
      "invalid_request",
      "The secret of a webhook is whsec_ and base64, as `yard sources create NAME --kind generic --generate-secret` shows it",
    );
  return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
}

async function sign(key: Uint8Array<ArrayBuffer>, content: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  const bytes = await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(content));
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}
