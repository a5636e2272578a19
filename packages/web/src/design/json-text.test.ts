import { expect, test } from "vitest";
import { jsonText } from "./json-text.ts";

test("shows what would turn the text around as its escape, which is the same JSON", () => {
  const value = { to: "ada\u202e moc.live@ecam\u2066", rtl: "שלום" };
  const text = jsonText(value);
  expect(text).toContain(String.raw`"ada\u202e moc.live@ecam\u2066"`);
  expect(text).toContain("שלום");
  expect(JSON.parse(text)).toEqual(value);
});
