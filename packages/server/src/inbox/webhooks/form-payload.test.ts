import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseForeignJson } from "../../json/index.ts";
import { giteaEventName } from "../kinds/gitea-event-name.ts";
import { sourceKinds } from "../kinds/index.ts";
import { formPayload } from "./form-payload.ts";
import { readWebhookBody, webhookBody } from "./webhook-body.ts";

const gitea = sourceKinds.get("gitea");

describe("what strangers send", () => {
  it("as a form gives its payload as it was before it was encoded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (payload, other) => {
        const form = new URLSearchParams([
          ["a", other],
          ["payload", payload],
          ["payload", "second"],
        ]);
        expect(formPayload(Buffer.from(form.toString()))?.toString()).toBe(payload.toWellFormed());
      }),
    );
  });

  it("as broken escapes stays as it is", () => {
    expect(formPayload(Buffer.from("payload=%4%zz%41+%"))?.toString()).toBe("%4%zzA %");
    expect(formPayload(Buffer.from("xpayload=1&nothing"))).toBeUndefined();
  });

  it("never throws, whatever the bytes and the content type", () => {
    const type = fc.constantFrom(
      "application/json",
      "application/x-www-form-urlencoded",
      "",
      ";",
      "text/json; a=b",
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), type, (bytes, contentType) => {
        const read = readWebhookBody(webhookBody(contentType, Buffer.from(bytes)));
        if (!read.ok) expect(read.problem).not.toBe("");
      }),
    );
  });

  it("is named, described and answered, whatever JSON it is", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            "action",
            "issue",
            "pull_request",
            "comment",
            "review",
            "commits",
            "ref_type",
            "sha",
            "state",
            "repository",
            "number",
            "__proto__",
          ),
          fc.jsonValue(),
        ),
        (value) => {
          const body = JSON.parse(JSON.stringify(value));
          expect(giteaEventName({}, body)).toMatch(/^[a-z_]+$/);
          expect(gitea?.subject(body) ?? "").not.toContain("\u0000");
          const reply = gitea?.replyFields(body) ?? {};
          expect(
            Object.keys(reply).every((key) => key === "action" || key === "issue_number"),
          ).toBe(true);
        },
      ),
    );
  });

  it("as JSON is taken as JSON.parse takes it, up to a depth", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseForeignJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(parseForeignJson(nested(500)).ok).toBe(true);
    expect(parseForeignJson(nested(501)).ok).toBe(false);
    expect(parseForeignJson(JSON.stringify(Array(2_000).fill([]))).ok).toBe(true);
  });
});
