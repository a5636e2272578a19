import type { LogLine } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { createLogText, MAX_ROW_CHARS } from "./log-text.ts";

const ESC = "\u001b";
const piece = (text: string, more: Partial<LogLine> = {}): LogLine => ({
  cursor: "c",
  step: "a",
  attempt: 1,
  seq: 0,
  stream: "stdout",
  at: "2026-03-10T12:00:00.000Z",
  text,
  ...more,
});

function textsOf(pieces: readonly LogLine[], maxRows = 100): string[] {
  const log = createLogText(maxRows);
  for (const one of pieces) log.push(one);
  return log.read().rows.map(({ text }) => text);
}

test("joins what one writer began and another piece goes on with", () => {
  expect(textsOf([piece("one\ntw"), piece("o\nthree")])).toEqual(["one", "two", "three"]);
});

test("keeps writers apart whose lines come in turns", () => {
  const other = { step: "b" };
  const error = { stream: "stderr" } as const;
  const pieces = [piece("a1 "), piece("b1\n", other), piece("e1\n", error), piece("a2\n")];
  expect(textsOf(pieces)).toEqual(["a1 a2", "b1", "e1"]);
});

test("keeps empty lines, and shows none for the line feed at the end", () => {
  expect(textsOf([piece("one\n\ntwo\n")])).toEqual(["one", "", "two"]);
});

test("leaves out what is meant for a terminal, wherever it was cut", () => {
  expect(textsOf([piece(`${ESC}[1;3`), piece(`1mred${ESC}[0m\r\n`)])).toEqual(["red"]);
  expect(textsOf([piece(`${ESC}]8;;https://x.test${ESC}\\link${ESC}]8;;\u0007\n`)])).toEqual([
    "link",
  ]);
  expect(textsOf([piece("10%\r50%\r100%\n")])).toEqual(["100%"]);
});

test("lets the oldest rows go, says so, and still goes on with an open line", () => {
  const log = createLogText(10);
  log.push(piece("open ", { step: "b" }));
  for (let n = 0; n < 100; n++) log.push(piece(`${n}\n`));
  log.push(piece("still", { step: "b" }));
  log.push(piece(" open\n", { step: "b" }));
  const { rows, hasOlder } = log.read();
  expect(rows.length).toBeLessThanOrEqual(13);
  expect(hasOlder).toBe(true);
  expect(rows.at(-1)?.text).toBe("still open");
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
});

test("says that there are older rows where the server left them out", () => {
  const log = createLogText(10);
  log.push(piece("one\n"));
  expect(log.read().hasOlder).toBe(false);
  log.push(piece("two\n", { older: "not_asked" }));
  expect(log.read().hasOlder).toBe(true);
});

test("cuts a line that is too long to draw, and says so", () => {
  const [text] = textsOf([piece("x".repeat(MAX_ROW_CHARS)), piece("y".repeat(100_000))]);
  expect(text).toMatch(/x … \(cut: the line is longer than 4000 characters\)$/);
});
