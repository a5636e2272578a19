import { expect, it } from "vitest";
import { databaseUrlFlaw } from "./database-url.ts";

it("refuses a bare # in an address: all that follows would be no part of it", () => {
  expect(databaseUrlFlaw("postgres://ada@db/yard#1?sslmode=verify-full")).toMatch(/%23/);
  expect(databaseUrlFlaw("postgres://ada:12#34@db/yard")).toMatch(/%23/);
  expect(databaseUrlFlaw("postgres://ada:12%2334@db/yard%231")).toBeUndefined();
});

it("tells how to write what cannot be read", () => {
  expect(databaseUrlFlaw("postgres://ada:p@ss:w/o@db/yard")).toMatch(/%40 and %3A$/);
});
