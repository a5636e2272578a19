import { AppError } from "@yardmaster/protocol/core";
import { expect, test } from "vitest";
import { messageOf } from "./message-of.ts";

test("names each wrong place once, with the way out", () => {
  const errors = [
    { path: "/input/poeple", message: "poeple is not known", hint: 'did you mean "people"?' },
    { path: "/input/people/0", message: "must be text" },
  ];
  const error = new AppError("invalid_input", "the input does not fit a.b", { errors });
  expect(messageOf(error).split("\n")).toEqual([
    "the input does not fit a.b",
    'poeple is not known (did you mean "people"?)',
    "/input/people/0: must be text",
  ]);
});

test("says of no answer that there was none, not what the browser calls it", () => {
  const cause = new TypeError("Failed to fetch");
  const error = new AppError("unavailable", `Cannot reach a server: ${cause.message}`, { cause });
  expect(messageOf(error)).toBe("The server did not answer. Try again.");
});

test("says what any other error says", () => {
  expect(messageOf(new Error("broken"))).toBe("broken");
  expect(messageOf("odd")).toBe("odd");
});
