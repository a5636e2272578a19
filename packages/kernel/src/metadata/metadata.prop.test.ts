import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DIFFICULTIES, readIssueMetadata } from "./index.ts";

const PIECES = [
  ...["## Context Estimate", "## Difficulty", "## Dependencies", "**Dependencies**", "```", "~~~~"],
  ...["Blocked by:", "- Blocks:", "Total estimated:", "Recommended agent:", "hard", "None", "n/a"],
  ...["#", "#1", "o/r#2", "PROJ-3", "(", ")", "<!--", "-->", "46.800", "46 800", "47k", ",", "**"],
  ...["https://h/o/r/issues/4", "\u200b", "\u2066", "\r\n", "\n", " ", "\u0000", "\ud800"],
];
const bodies = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join("")),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join("\n")),
  fc.string({ unit: "binary", maxLength: 300 }),
);

describe("any text", () => {
  it("gives five valid fields, each with where it is from, and never throws", () => {
    fc.assert(
      fc.property(bodies, fc.nat({ max: 5 }), (body, number) => {
        const { metadata, from } = readIssueMetadata(body, { number, project: "o/r" });
        expect(Number.isSafeInteger(metadata.estimated_context)).toBe(true);
        expect(metadata.estimated_context).toBeGreaterThan(0);
        expect(DIFFICULTIES).toContain(metadata.difficulty);
        expect(["haiku", "sonnet", "opus"]).toContain(metadata.assigned_agent);
        for (const references of [metadata.blocks, metadata.blocked_by]) {
          expect(new Set(references).size).toBe(references.length);
          expect(references).not.toContain(number);
        }
        for (const said of Object.values(from)) expect(["grammar", "default"]).toContain(said);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is read the same when a stranger hides more in comments", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (hidden) => {
        const comment = `<!-- ${hidden.replaceAll("-->", "")} -->`;
        expect(readIssueMetadata(`Blocked by: #1\n${comment}\n## Difficulty\neasy`)).toEqual(
          readIssueMetadata("Blocked by: #1\n\n## Difficulty\neasy"),
        );
      }),
    );
  });

  it("says again what was written of it", () => {
    const written = fc.record({
      estimated_context: fc.integer({ min: 1, max: 1_000_000_000 }),
      difficulty: fc.constantFrom(...DIFFICULTIES),
      assigned_agent: fc.constantFrom("haiku", "sonnet", "opus"),
      blocks: fc.uniqueArray(fc.integer({ min: 1, max: 999_999_999 }), { maxLength: 9 }),
      blocked_by: fc.uniqueArray(fc.integer({ min: 1, max: 999_999_999 }), { maxLength: 9 }),
    });
    const line = (numbers: readonly number[]): string =>
      numbers.length === 0 ? "None" : numbers.map((one) => `#${one} (RT-1)`).join(", ");
    fc.assert(
      fc.property(written, (said) => {
        const body = [
          ...["## Context Estimate", `- **Total estimated: ${said.estimated_context} tokens**`],
          ...[`- **Recommended agent: ${said.assigned_agent}**`, "## Difficulty", said.difficulty],
          ...["## Dependencies", `- Blocked by: ${line(said.blocked_by)}`],
          `- Blocks: ${line(said.blocks)}`,
        ].join("\n");
        expect(readIssueMetadata(body).metadata).toEqual(said);
      }),
    );
  });
});

/** Of a megabyte of each; a reader that goes back and forth takes minutes for some. */
const MEGABYTE = 1_000_000;
it.each([
  ...PIECES,
  ...["# ", "((((", "Blocked by: (", "Blocked by: #1 ", "<!-- -->", "- ", "##:", "** **", "\t"],
  ...["1 ", "123,", "a.b/", "https://h/", "Total estimated: 1 111"],
])("a megabyte of %j is read in time that grows with it", (piece) => {
  const body = piece.repeat(Math.ceil(MEGABYTE / piece.length)).slice(0, MEGABYTE);
  const started = performance.now();
  readIssueMetadata(body);
  readIssueMetadata(`Blocked by: ${body}`);
  expect(performance.now() - started).toBeLessThan(3_000);
});
