import type { IncomingHttpHeaders } from "node:http";
import { hmacInHeader } from "../signatures/hmac-header.ts";
import { forgeSubject, issueReply } from "./forge-body.ts";
import { giteaEventName } from "./gitea-event-name.ts";
import type { SourceKind } from "./source-kind.ts";

const DELIVERY_HEADERS = [
  "x-gitea-delivery",
  "x-forgejo-delivery",
  "x-gogs-delivery",
  "x-github-delivery",
] as const;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Gitea, and Forgejo which sends the same under its own header names beside Gitea's. */
export function createGiteaKind(name: "gitea" | "forgejo"): SourceKind {
  return {
    name,
    signature: hmacInHeader(
      { name: "x-gitea-signature", prefix: "" },
      { name: "x-forgejo-signature", prefix: "" },
      { name: "x-hub-signature-256", prefix: "sha256=" },
    ),
    signedOfForm: "payload",
    deliveryId,
    // Its "Redelivery" button sends the same body under a new id; it never sends again by itself.
    sameBodyMs: { withId: 24 * HOUR_MS, withoutId: 10 * MINUTE_MS },
    eventName: giteaEventName,
    subject: forgeSubject,
    replyFields: issueReply,
  };
}

function deliveryId(headers: IncomingHttpHeaders): string | undefined {
  for (const name of DELIVERY_HEADERS) {
    const id = headers[name];
    if (typeof id === "string" && id !== "" && id.length <= 200) return id;
  }
  return undefined;
}
