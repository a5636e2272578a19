import { hmacInHeader } from "../signatures/hmac-header.ts";
import { forgeSubject, issueReply } from "./forge-body.ts";
import { githubEventName } from "./github-event-name.ts";
import type { SourceKind } from "./source-kind.ts";

const MINUTE_MS = 60_000;
const MAX_ID_LENGTH = 200;

/** GitHub, on github.com and Enterprise Server. `ping` is an event like any other: it shows that the way is open. */
export const githubKind: SourceKind = {
  name: "github",
  // X-Hub-Signature, HMAC-SHA1, comes beside it and counts for nothing.
  signature: hmacInHeader({ name: "x-hub-signature-256", prefix: "sha256=" }),
  // Unlike Gitea: HMAC over `payload=%7B…` as it was sent.
  signedOfForm: "body",
  deliveryId(headers) {
    const id = headers["x-github-delivery"];
    return typeof id === "string" && id !== "" && id.length <= MAX_ID_LENGTH ? id : undefined;
  },
  // A redelivery keeps its id, so the same body under another one is another fact.
  sameBodyMs: { withId: null, withoutId: 10 * MINUTE_MS },
  eventName: githubEventName,
  subject: forgeSubject,
  replyFields: issueReply,
};
