import { expect, test } from "vitest";
import { pathFlaw } from "../step-file.ts";
import { isPattern, pathTest } from "./glob.ts";

test.each([
  ["*.txt", ["a.txt", ".txt"], ["a/b.txt", "a.txt.gz", "xtxt"]],
  ["**/*.txt", ["a.txt", "a/b.txt", "a/b/c.txt"], ["a.log", "a.txt/b"]],
  ["out/**", ["out/a", "out/a/b"], ["outer/a", "out"]],
  ["out/**/*.csv", ["out/a.csv", "out/b/c/a.csv"], ["out.csv", "in/a.csv"]],
  ["a?[1].c+", ["ab[1].c+"], ["ab1.c+", "a/[1].c+", "a[1].c+"]],
  [".*", [".hidden"], ["a"]],
  ["a**b", ["ab", "a/x/b"], ["a/bc"]],
  ["plain", ["plain"], ["plainer", "a/plain"]],
])("the glob %s matches what it says", (glob, yes, no) => {
  const isMatch = pathTest(glob);
  expect(yes.filter((path) => !isMatch(path))).toEqual([]);
  expect(no.filter(isMatch)).toEqual([]);
});

test("no glob is slow, however many of its parts could match", () => {
  const isMatch = pathTest(`${"**/*a*".repeat(60)}z`);
  const started = performance.now();
  expect(isMatch("a/".repeat(500))).toBe(false);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("only what has a wildcard is a pattern", () => {
  expect(["a/b.txt", "[a]"].map(isPattern)).toEqual([false, false]);
  expect(["*", "a?", "**"].map(isPattern)).toEqual([true, true, true]);
});

test.each([
  ["a/b.txt", undefined],
  ["a b/ü.txt", undefined],
  ["", "empty"],
  ["/etc/passwd", "relative"],
  ["a/../../b", "out of the work folder"],
  ["a//b", "empty name"],
  ["./a", "dot"],
  ["a\\b", "backslash"],
  ["a\nb", "control character"],
  ["ü".repeat(513), "longer than 1024 bytes"],
])("the path %j is judged", (path, flaw) => {
  if (flaw === undefined) expect(pathFlaw(path)).toBeUndefined();
  else expect(pathFlaw(path)).toContain(flaw);
});
