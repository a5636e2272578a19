import type { IncomingHttpHeaders } from "node:http";
import { isJsonObject, type JsonObject } from "@yardmaster/protocol";
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
    signatureHeaders: [
      { name: "x-gitea-signature", prefix: "" },
      { name: "x-forgejo-signature", prefix: "" },
      { name: "x-hub-signature-256", prefix: "sha256=" },
    ],
    deliveryId,
    // Its "Redelivery" button sends the same body under a new id; it never sends again by itself.
    sameBodyMs: { withId: 24 * HOUR_MS, withoutId: 10 * MINUTE_MS },
    eventName: giteaEventName,
    subject,
    replyFields,
  };
}

function deliveryId(headers: IncomingHttpHeaders): string | undefined {
  for (const name of DELIVERY_HEADERS) {
    const id = headers[name];
    if (typeof id === "string" && id !== "" && id.length <= 200) return id;
  }
  return undefined;
}

const MAX_SUBJECT_LENGTH = 300;
/** CloudEvents forbids them in attributes, and a text column holds no NUL. */
const CONTROL = /\p{Cc}/gu;

function subject(body: JsonObject): string | null {
  const repository = isJsonObject(body["repository"]) ? body["repository"]["full_name"] : undefined;
  if (typeof repository !== "string" || repository === "") return null;
  const number = numberOf(body);
  const text = number === undefined ? repository : `${repository}#${number}`;
  return text.replace(CONTROL, "\ufffd").slice(0, MAX_SUBJECT_LENGTH).toWellFormed();
}

/** The contract of the Mosaic coordinator: `action` and `issue_number` for what happens to an issue. */
function replyFields(body: JsonObject): JsonObject {
  const number = isJsonObject(body["issue"]) ? numberOf(body) : undefined;
  if (number === undefined || typeof body["action"] !== "string") return {};
  return { action: body["action"], issue_number: number };
}

function numberOf(body: JsonObject): number | undefined {
  for (const holder of [body["issue"], body["pull_request"], body]) {
    if (isJsonObject(holder) && Number.isSafeInteger(holder["number"]))
      return holder["number"] as number;
  }
  return undefined;
}
