import { isUtf8 } from "node:buffer";
import { createSecretKey } from "node:crypto";
import { isJsonObject } from "@yardmaster/protocol";
import { sourceKinds } from "../../src/inbox/kinds/index.ts";
import { readWebhookBody, webhookBody } from "../../src/inbox/webhooks/webhook-body.ts";
import { type FuzzTarget, must, mustComeBack, wordFor } from "../target.ts";
import { requestOf } from "./request.ts";

/** What rules can name after `on:`. */
const EVENT_NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const KEY = createSecretKey(Buffer.alloc(32, 1));

const GITEA = "X-Gitea-Event: issues\nX-Gitea-Event-Type: issue_assign\nX-Gitea-Delivery: 1";
const ISSUE =
  '{"action":"assigned","issue":{"number":7,"title":"x"},"repository":{"full_name":"a/b"},"is_pull":false}';

/** A webhook of a stranger, for every kind of source: no signature is good, whatever it says. */
export const webhookTarget: FuzzTarget = {
  name: "webhook",
  seeds: [
    `Content-Type: application/json\n${GITEA}\nX-Gitea-Signature: ${"0".repeat(64)}\n\n${ISSUE}`,
    `Content-Type: application/json\nX-GitHub-Event: push\nX-Hub-Signature-256: sha256=${"a".repeat(64)}\n\n{"ref":"x","commits":[]}`,
    `Content-Type: application/x-www-form-urlencoded\n\npayload=${encodeURIComponent(ISSUE)}&b=1`,
    `webhook-id: m\nwebhook-timestamp: 1700000000\nwebhook-signature: v1,${"A".repeat(43)}= v1a,${"A".repeat(86)}==\n\n{"type":"a.b"}`,
    '\n\n{"action":"reviewed","pull_request":{"number":1},"review":{"type":"pull_request_review_approved"}}',
    '\n\n{"organization":{"login":"acme"},"discussion":{"number":3},"alert":{"secret_type":"x"}}',
  ],
  words: [
    "payload=",
    "%7B%22",
    '"number":',
    '"full_name":"',
    '"action":"',
    '"pull_request":{',
    '"ref_type":"tag"',
    '"sha":',
    "X-GitHub-Event: ",
    "X-Forgejo-Event: ",
    "X-GitHub-Delivery: ",
    "Content-Type: ",
    "text/json",
    "v1,",
    "sha256=",
    '"__proto__":{}',
    "\\u0000",
    "1e400",
    "\\ud800",
    '"type":"',
    "\n",
    "\n\n",
    "[[[[",
    '{"a":',
  ],
  run(input) {
    const { headers, body } = requestOf(input);
    const read = webhookBody(headers["content-type"], body);
    const content = readWebhookBody(read);
    const names: string[] = [];
    for (const kind of sourceKinds.values()) {
      const signed = kind.signedOfForm === "payload" ? read.text() : read.raw;
      const check = kind.signature.read(headers, signed, 1_700_000_000_000);
      must(check?.(KEY) !== true, "a made-up signature is good", kind.name);
      const id = kind.deliveryId(headers);
      must(id === undefined || (id !== "" && id.length <= 200), "a delivery id", id);
      if (!content.ok) continue;
      const name = kind.eventName(headers, content.data);
      if (typeof name === "string")
        must(EVENT_NAME.test(name) && name.length <= 150, "no rule can name the event", name);
      else must(name.problem !== "", "refused without a reason");
      const subject = kind.subject(content.data) ?? "-";
      must(isClean(subject), "a subject", subject);
      must(subject.length <= 300 && subject !== "", "the length of a subject", subject);
      JSON.stringify(kind.replyFields(content.data));
      const byBody = kind.eventName({}, content.data);
      names.push(typeof byBody === "string" ? byBody : "-");
    }
    if (!content.ok) {
      must(content.problem !== "", "refused without a reason");
      return wordFor(content.problem);
    }
    must(isJsonObject(content.data), "no object was taken");
    mustComeBack(content.data);
    if (content.isBody)
      must(isUtf8(body) && content.text === body.toString(), "the text is not the body");
    // The last one is generic: its names are the senders' own.
    return names.slice(0, -1).join(" ");
  },
};

function isClean(text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text);
}
