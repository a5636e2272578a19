import { describe, expect, it } from "vitest";
import { githubEventName } from "./github-event-name.ts";

describe("the name of a GitHub event", () => {
  it("is its header's", () => {
    expect(githubEventName({ "x-github-event": "issues" })).toBe("issues");
  });

  it.each([undefined, ""])("is missing where the header is %j", (header) => {
    expect(githubEventName({ "x-github-event": header })).toEqual({
      problem: "the header X-GitHub-Event is missing",
    });
  });

  it.each(["Issues", "../etc", "a".repeat(65), "issues, issues"])(
    "is refused where the header is %j",
    (header) => {
      expect(githubEventName({ "x-github-event": header })).toEqual({
        problem: "the header X-GitHub-Event names no event",
      });
    },
  );
});
