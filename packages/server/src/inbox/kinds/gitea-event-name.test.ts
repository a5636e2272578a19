import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import { giteaEventName } from "./gitea-event-name.ts";

const issue = { number: 1 };
const pull = { number: 2 };

describe("the name of an event", () => {
  it.each<[string, Record<string, string>]>([
    ["issue_assign", { "x-gitea-event-type": "issue_assign", "x-gitea-event": "issues" }],
    ["issue_label", { "x-forgejo-event-type": "issue_label", "x-gitea-event": "issues" }],
    ["issues", { "x-gitea-event": "issues" }],
    ["push", { "x-forgejo-event": "push" }],
    ["push", { "x-gitea-event": "", "x-gogs-event": "push" }],
    ["push", { "x-gitea-event-type": "../etc; DROP", "x-gitea-event": "push" }],
  ])("is %s by the headers %j, whatever the body", (name, headers) => {
    expect(giteaEventName(headers, { action: "opened", pull_request: pull })).toBe(name);
  });

  it.each<[string, JsonObject]>([
    ["issue_assign", { action: "assigned", issue }],
    ["issue_assign", { action: "unassigned", issue }],
    ["issue_label", { action: "label_updated", issue }],
    ["issue_milestone", { action: "demilestoned", issue }],
    ["issues", { action: "opened", issue }],
    ["issues", { action: "toString", issue }],
    ["issue_comment", { action: "created", issue, comment: { id: 1 } }],
    ["pull_request_comment", { action: "created", issue, comment: { id: 1 }, is_pull: true }],
    ["pull_request", { action: "closed", pull_request: pull }],
    ["pull_request_sync", { action: "synchronized", pull_request: pull }],
    ["pull_request_assign", { action: "assigned", pull_request: pull }],
    [
      "pull_request_review_approved",
      { action: "reviewed", pull_request: pull, review: { type: "approved" } },
    ],
    ["push", { ref: "refs/heads/x", commits: [] }],
    ["create", { sha: "a", ref: "v1", ref_type: "tag" }],
    ["delete", { ref: "v1", ref_type: "tag" }],
    ["release", { action: "published", release: {} }],
    ["workflow_job", { action: "queued", workflow_job: {}, workflow_run: {} }],
    ["status", { sha: "a", state: "success", context: "ci" }],
    ["repository", { action: "deleted", repository: {} }],
    ["unknown", {}],
  ])("is %s by the body %j", (name, body) => {
    expect(giteaEventName({}, body)).toBe(name);
  });
});

const recorded = fileURLToPath(new URL("../../../../../../shared/fixtures", import.meta.url));
const NAME_OF_FILE: readonly (readonly [RegExp, string])[] = [
  [/^HookPush/, "push"],
  [/^HookTag/, "create"],
  [/^HookRelease/, "release"],
  [/Assignee/, "pull_request_assign"],
  [/(Label)/, "pull_request_label"],
  [/Mile/, "pull_request_milestone"],
  [/AddReviewRequest/, "pull_request_review_request"],
  [/ReviewAck/, "pull_request_review_approved"],
  [/ReviewDeny/, "pull_request_review_rejected"],
  [/ReviewComment/, "pull_request_review_comment"],
  [/Updated/, "pull_request_sync"],
  [/^HookPullRequest/, "pull_request"],
];

describe.skipIf(!existsSync(recorded))(
  "recorded bodies (skipped where ../shared/fixtures is not there)",
  () => {
    const files = existsSync(recorded)
      ? ["gitea", "forgejo"].flatMap((server) =>
          readdirSync(`${recorded}/${server}`).map((file) => `${server}/${file}`),
        )
      : [];
    it.each(files)("%s is named without headers", (file) => {
      const body = JSON.parse(readFileSync(`${recorded}/${file}`, "utf8")) as JsonObject;
      const expected = NAME_OF_FILE.find(([pattern]) =>
        pattern.test(file.split("/")[1] as string),
      )?.[1];
      expect(giteaEventName({}, body)).toBe(expected);
    });
  },
);
