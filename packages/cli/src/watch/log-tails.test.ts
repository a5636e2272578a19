import type { LogLine } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { createLogTails } from "./log-tails.ts";

const BUILD = { step: "build", attempt: 1, stream: "stdout" } satisfies Partial<LogLine>;

function tailOf(...pieces: readonly Partial<LogLine>[]): readonly string[] | undefined {
  const tails = createLogTails(3);
  for (const piece of pieces) tails.add({ ...BUILD, ...piece } as LogLine);
  return tails.byStep.get("build");
}

test("pieces of one writer are put together to lines, of which the newest are kept", () => {
  expect(tailOf({ text: "one\ntw" }, { text: "o\nthree\nfo" }, { text: "ur" })).toEqual([
    "two",
    "three",
    "four",
  ]);
});

test("what another writer wrote meanwhile stays a line of its own", () => {
  const pieces = [{ text: "Load" }, { text: "a warning\n", stream: "stderr" }, { text: "ing\n" }];
  expect(tailOf(...(pieces as Partial<LogLine>[]))).toEqual(["Load", "a warning", "ing"]);
  expect(tailOf({ step: "build#0", text: "a" }, { step: "build#1", text: "b" })).toEqual([
    "a",
    "b",
  ]);
});
