import { expect, test } from "vitest";
import { readDeliveryPlace } from "./delivery-place.ts";

test("reads the place in the list that an address says, and passes over what is none", () => {
  const before = "0197a1b2-0000-7000-8000-000000000001";
  const place = { problem: true, source: "gitea", before };
  expect(readDeliveryPlace({ ...place, page: 3 })).toEqual(place);
  expect(readDeliveryPlace({ problem: "yes", source: " ", before: "yesterday" })).toEqual({});
});
