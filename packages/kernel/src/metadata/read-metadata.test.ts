import { describe, expect, it } from "vitest";
import { DEFAULT_METADATA, readIssueMetadata, withNative } from "./index.ts";

const BODY = `## Objective
Rotate the webhook secret without a gap.
## Implementation Details
1. Accept two secrets during the overlap
## Context Estimate
• Files to modify: 3 (receiver.ts, secrets.ts, receiver.test.ts)
• Implementation complexity: medium (22000 tokens)
• Test requirements: high (14000 tokens)
• Documentation: low (2500 tokens)
• **Total estimated: 46800 tokens**
• **Recommended agent: sonnet**
## Difficulty
medium
## Dependencies
• Blocked by: #160 (RT-004 - receiver must exist)
• Blocks: None (closes phase 0)
## Acceptance Criteria
[ ] old secret still accepted for 10 minutes
## Testing Requirements
• one rotation under load
`;

const read = (body: string, options = {}) => readIssueMetadata(body, options);
const deps = (...lines: string[]) => read(`## Dependencies\n${lines.join("\n")}`).metadata;
const estimate = (text: string) =>
  read(`## Context Estimate\n- Total estimated: ${text}`).metadata.estimated_context;

describe("a body by the conventions", () => {
  it("gives the five values, and says that the body said them", () => {
    expect(read(BODY)).toEqual({
      metadata: {
        ...{ estimated_context: 46_800, difficulty: "medium", assigned_agent: "sonnet" },
        ...{ blocks: [], blocked_by: [160] },
      },
      from: {
        ...{ estimated_context: "grammar", difficulty: "grammar", assigned_agent: "grammar" },
        ...{ blocks: "grammar", blocked_by: "grammar" },
      },
      warnings: [],
    });
  });

  it("is read the same with CRLF, other bullets, emphasis and heading levels", () => {
    const said = read(BODY).metadata;
    expect(read(BODY.replaceAll("\n", "\r\n")).metadata).toEqual(said);
    for (const bullet of ["- ", "* ", "+ ", "", "•"])
      expect(read(BODY.replaceAll("• ", bullet)).metadata, bullet).toEqual(said);
    expect(read(BODY.replaceAll("**", "")).metadata).toEqual(said);
    expect(read(BODY.replaceAll("## ", "#### ")).metadata).toEqual(said);
    expect(read(BODY.replaceAll("## Dependencies", "# DEPENDENCIES: #")).metadata).toEqual(said);
    expect(read(BODY.replaceAll("## Dependencies", "**Dependencies:**")).metadata).toEqual(said);
    expect(read(BODY.replaceAll(": ", ":** ").replaceAll("• ", "- **")).metadata).toEqual(said);
  });

  it("needs no section for its labels", () => {
    expect(
      read("Blocked by: #3\nDifficulty: Hard, since it races\nTotal estimated: 9k").metadata,
    ).toMatchObject({ blocked_by: [3], difficulty: "hard", estimated_context: 9_000 });
  });

  it("takes a label from its own section where there is one", () => {
    const body = "## Notes\nBlocks: #9\n## Dependencies\nBlocked by: #2\n";
    expect(read(body).metadata).toMatchObject({ blocks: [], blocked_by: [2] });
    expect(read(body).from.blocks).toBe("default");
  });
});

describe("what is not said", () => {
  it.each([
    ["nothing", ""],
    ["prose", "please fix the thing\n\nthanks"],
    ["headings alone", "## Context Estimate\n## Difficulty\n## Dependencies"],
  ])("of %s has the five defaults", (_, body) => {
    const { metadata, from, warnings } = read(body);
    expect(metadata).toEqual(DEFAULT_METADATA);
    expect(new Set(Object.values(from))).toEqual(new Set(["default"]));
    expect(warnings).toEqual([]);
  });

  it("is so of no body at all", () => {
    expect(readIssueMetadata(null).metadata).toEqual(DEFAULT_METADATA);
    expect(readIssueMetadata(undefined).metadata).toEqual(DEFAULT_METADATA);
    expect(readIssueMetadata(7 as unknown as string).metadata).toEqual(DEFAULT_METADATA);
  });

  it("is told from what is said and cannot be read", () => {
    const { metadata, from, warnings } = read(
      "## Context Estimate\nTotal estimated: 46.800 tokens\nRecommended agent: gpt\n## Difficulty\nextreme",
    );
    expect(metadata).toEqual(DEFAULT_METADATA);
    expect(from).toMatchObject({ estimated_context: "default", assigned_agent: "default" });
    expect(warnings.map(({ field }) => field)).toEqual([
      ...["estimated_context", "difficulty", "assigned_agent"],
    ]);
  });
});

describe("numbers", () => {
  it.each([
    ["46800 tokens", 46_800],
    ["46800tokens", 46_800],
    ["46,800", 46_800],
    ["46 800 tokens", 46_800],
    ["46\u00a0800 tokens", 46_800],
    ["47k", 47_000],
    ["47 k tokens", 47_000],
    ["~47K tokens", 47_000],
    ["1,234,567 tokens.", 1_234_567],
    ["46800 (was 50000)", 46_800],
  ])("%s is read", (text, count) => {
    expect(estimate(text)).toBe(count);
  });

  it.each([
    ...["46.800", "46.8k", "46,80", "46,8001", "46 8001", "0", "-5", "many", "47kb", "50%"],
    ...["4e4", "1,234.50", "46 80", "99999999999999"],
  ])("%s is none, and the default stands", (text) => {
    expect(estimate(text)).toBe(50_000);
  });
});

describe("references", () => {
  it.each([
    ["#160", [160]],
    ["#160, #161 #162; #160", [160, 161, 162]],
    ["#160 (RT-004 - receiver must exist), #161 (see (nested) RT-5)", [160, 161]],
    ["#160 (never closed RT-004", [160]],
    ["[#160](https://git.test/o/r/issues/160)", [160]],
    ["owner/repo#7 and PROJ-12.", ["owner/repo#7", "PROJ-12"]],
    ["https://git.test/sub/owner/repo/issues/160", ["owner/repo#160"]],
    ["<https://github.com/owner/repo/pull/3#issuecomment-1>", ["owner/repo#3"]],
    ["None (closes phase 0)", []],
    ["n/a", []],
    ["-", []],
    ["—", []],
    ["", []],
    ["#0", []],
  ])("%s", (text, references) => {
    expect(deps(`- Blocked by: ${text}`).blocked_by).toEqual(references);
  });

  it("may stand as a list under their label", () => {
    expect(
      deps("- Blocked by:", "  - #1 (first)", "  - [ ] o/r#2", "- Blocks: #3", "- #4"),
    ).toMatchObject({ blocked_by: [1, "o/r#2"], blocks: [3] });
  });

  it("of the own project are numbers, and the own number is dropped with a warning", () => {
    const { metadata, warnings } = read("Blocked by: o/r#1, #5, https://git.test/O/R/issues/2", {
      ...{ project: "o/r", number: 5, host: "git.test" },
    });
    expect(metadata.blocked_by).toEqual([1, 2]);
    expect(warnings).toEqual([{ field: "blocked_by", message: "#5 is the issue itself" }]);
  });

  it("of another host stay what they are", () => {
    const url = "https://elsewhere.test/o/r/issues/2";
    expect(
      read(`Blocked by: ${url}`, { project: "o/r", host: "git.test" }).metadata.blocked_by,
    ).toEqual([url]);
  });

  it("that are none are told", () => {
    const { metadata, warnings } = read("Blocked by: the release of the parser");
    expect(metadata.blocked_by).toEqual([]);
    expect(warnings).toMatchObject([{ field: "blocked_by" }]);
  });
});

describe("what a reader does not see", () => {
  it("says nothing: comments, blocks of code, invisible characters", () => {
    const body = [
      "<!-- Blocked by: #1 -->",
      "```",
      "Blocked by: #2",
      "```",
      "Blo\u200bcked by: #\u206616\u20690",
      "<!-- never closed",
      "Blocks: #3",
    ].join("\n");
    expect(read(body).metadata).toMatchObject({ blocked_by: [160], blocks: [] });
  });
});

it("takes an agent that is configured, as it is written there", () => {
  const body = "## Context Estimate\nRecommended agent: reviewer-2";
  expect(read(body, { agents: ["Reviewer-2"] }).metadata.assigned_agent).toBe("Reviewer-2");
  expect(read("Recommended agent: OPUS").metadata.assigned_agent).toBe("opus");
});

it("adds the tracker's own dependencies, which win where the body says the opposite", () => {
  const both = withNative(read("Blocked by: #1, #2\nBlocks: #3"), {
    blocked_by: [3, 4],
    blocks: [],
  });
  expect(both.metadata).toMatchObject({ blocked_by: [3, 4, 1, 2], blocks: [] });
  expect(both.from).toMatchObject({ blocked_by: "native", blocks: "grammar" });
  expect(both.warnings).toMatchObject([{ field: "blocks" }]);
});
