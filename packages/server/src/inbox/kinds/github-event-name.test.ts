import type { JsonObject } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import { githubBodies } from "../../../test/github-bodies.ts";
import { githubEventName } from "./github-event-name.ts";

describe("the name of a GitHub event", () => {
  it("is its header's, whatever the body", () => {
    const body = { action: "opened", pull_request: {} };
    expect(githubEventName({ "x-github-event": "issues" }, body)).toBe("issues");
  });

  it.each(["", "Issues", "../etc", "a".repeat(65), "issues, issues"])(
    "is found in the body where the header is %j",
    (header) => {
      const body = { action: "opened", issue: { number: 1 } };
      expect(githubEventName({ "x-github-event": header }, body)).toBe("issues");
    },
  );

  it.each(githubBodies.map(({ name, examples }) => [name, examples] as const))(
    "is %s by the body alone, for every recorded one",
    (name, examples) => {
      for (const body of examples) expect(githubEventName({}, body)).toBe(name);
    },
  );

  it.each<[string, JsonObject]>([
    ["sub_issues", { action: "sub_issue_added", sub_issue: {}, parent_issue: {} }],
    ["issue_dependencies", { action: "blocked_by_added", blocked_issue: {}, blocking_issue: {} }],
    ["secret_scanning_alert", { action: "created", alert: { secret_type: "x" } }],
    ["unknown", {}],
    ["unknown", { action: "made-up" }],
    ["unknown", { toString: "x", constructor: "y" }],
  ])("is %s by the body %j", (name, body) => {
    expect(githubEventName({}, body)).toBe(name);
  });
});
