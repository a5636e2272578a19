import type { JsonObject } from "@yardmaster/protocol";
import { standardWebhookId, standardWebhooks } from "../signatures/standard-webhooks.ts";
import type { SourceKind } from "./source-kind.ts";

/** Types as Standard Webhooks has them (`invoice.paid`), which rules can name after `generic.`. */
const TYPE = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const MAX_TYPE_LENGTH = 150;

/** Any sender that signs by Standard Webhooks. Its body's `type` names the event; `unknown` where it has none. */
export const genericKind: SourceKind = {
  name: "generic",
  signature: standardWebhooks,
  signedOfForm: "body",
  // A message keeps its id however often it is sent; equal bodies of strangers may be two facts.
  deliveryId: standardWebhookId,
  sameBodyMs: { withId: null, withoutId: null },
  eventName: (_headers, { type }) =>
    typeof type === "string" && type.length <= MAX_TYPE_LENGTH && TYPE.test(type)
      ? type
      : "unknown",
  subject: () => null,
  replyFields: (): JsonObject => ({}),
};
