import { expect, test } from "vitest";
import { fromLocalInput, toLocalInput } from "./local-input.ts";

test("shows a moment in the time of the reader, and reads it back", () => {
  for (const at of ["2026-01-31T23:59:07.000Z", "2026-07-01T00:00:00.000Z"]) {
    const shown = toLocalInput(at);
    expect(shown).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    expect(new Date(shown).getHours()).toBe(new Date(at).getHours());
    expect(fromLocalInput(shown)).toBe(at);
  }
});

test("takes nothing, and what is half typed, for no time", () => {
  expect(toLocalInput(undefined)).toBe("");
  expect(fromLocalInput("")).toBeUndefined();
  expect(fromLocalInput("2026-13-")).toBeUndefined();
});
