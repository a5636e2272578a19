import { expect, test } from "vitest";
import { filterOf, filterWith, isFiltered, readEventPlace } from "./event-filter.ts";

const BEFORE = "0197a1b2-0000-7000-8000-000000000001";

test("reads the place in the list that an address says, and passes over what is none", () => {
  const filter = { type: "shop.*", subject: "42", outcome: "held", rule: "a.b" };
  const search = { ...filter, subject: 42, since: "2026-01-01T01:00:00+01:00", before: BEFORE };
  expect(readEventPlace({ ...search, page: 3 })).toEqual({
    ...{ ...filter, before: BEFORE },
    since: "2026-01-01T00:00:00.000Z",
  });
  const none = { type: " ", source: {}, outcome: "lost", since: "soon", until: 1e300, before: "x" };
  expect(readEventPlace(none)).toEqual({});
});

test("changes one thing of a filter, takes it out, and leaves the page of the list behind", () => {
  const place = readEventPlace({ type: "shop.order", before: BEFORE });
  expect(filterWith(filterOf(place), { outcome: "error" })).toEqual({
    type: "shop.order",
    outcome: "error",
  });
  const none = filterWith(filterOf(place), { type: undefined });
  expect([none, isFiltered(none), isFiltered(place)]).toEqual([{}, false, true]);
});
