import { expect, it } from "vitest";
import { inToolWords } from "./tool-words.ts";

it.each([
  ["see `yard packs` for what is there", "see list_actions and list_workflows for what is there"],
  ["`yard workflows` lists them", "list_workflows lists them"],
  [
    "(gone); yard explain 0189-a says what can be done",
    "(gone); explain with id 0189-a says what can be done",
  ],
  [
    "Set it: `yard secrets set token`, then `yard retry 0189`.",
    "Set it: `yard secrets set token`, then retry_run with id 0189.",
  ],
])("says %j to those who have tools as %j", (text, said) => {
  expect(inToolWords(text)).toBe(said);
});
