import { expect, test } from "vitest";
import { isWithin, SECTIONS } from "./sections.ts";

const sectionsOf = (path: string) =>
  SECTIONS.filter((section) => isWithin(section, path)).map(({ label }) => label);

test("puts each page into one section, whether it is a list or one of what is in it", () => {
  expect(sectionsOf("/")).toEqual(["Runs"]);
  expect(sectionsOf("/runs/0197a1b2-0000-7000-8000-000000000001")).toEqual(["Runs"]);
  expect(sectionsOf("/events")).toEqual(["Events"]);
  expect(sectionsOf("/events/0197a1b2-0000-7000-8000-000000000001")).toEqual(["Events"]);
  expect(sectionsOf("/deliveries")).toEqual(["Events"]);
  expect(sectionsOf("/rules/examples.on-assign")).toEqual(["Rules"]);
  expect(sectionsOf("/questions")).toEqual(["Questions"]);
});

test("puts a page that is none into no section, though its path begins like one", () => {
  expect(sectionsOf("/eventsource")).toEqual([]);
  expect(sectionsOf("/nowhere")).toEqual([]);
});
