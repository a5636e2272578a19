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

test("says nothing twice where the error itself names the place, but for a way out that it leaves out", () => {
  const errors = [{ path: "/type", message: "must be an event type" }];
  const said = "The query: /type must be an event type";
  expect(messageOf(new AppError("invalid_request", said, { errors }))).toBe(said);
  const withHint = errors.map((place) => ({ ...place, hint: "gitea.*" }));
  expect(messageOf(new AppError("invalid_request", said, { errors: withHint }))).toBe(
    `${said}\nmust be an event type (gitea.*)`,
  );
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
