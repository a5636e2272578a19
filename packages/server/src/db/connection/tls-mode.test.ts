import { expect, test } from "vitest";
import { withSettings } from "./connection.ts";
import { databaseUrlFlaw } from "./database-url.ts";

const DB = "postgres://yard:secret@db.example/yard";

test.each([
  ["sslmode=prefer", /^has sslmode=prefer, which is none of .*; write verify-full/],
  ["sslmode=on", /^has sslmode=on, which is none of disable, require/],
  ["sslmode=require&sslrootcert=/not/there.pem", /read: sslrootcert=\/not\/there\.pem \(ENOENT\)/],
])("an address with %s is refused, with what is possible", (query, text) => {
  expect(databaseUrlFlaw(`${DB}?${query}`)).toMatch(text);
});

test("the folder of a unix socket is refused, which the driver takes for something else", () => {
  expect(databaseUrlFlaw("/run/postgresql yard")).toMatch(/name\?host=\/run\/postgresql$/);
});

test.each([
  ["require", "verify-full"],
  ["verify-ca", "verify-full"],
  ["no-verify", "no-verify"],
  ["require&uselibpqcompat=true", "require"],
])("the driver gets sslmode=%s as %s, and has nothing to warn of", (given, taken) => {
  expect(databaseUrlFlaw(`${DB}?sslmode=${given}`)).toBeUndefined();
  expect(new URL(withSettings(`${DB}?sslmode=${given}`, {})).searchParams.get("sslmode")).toBe(
    taken,
  );
});
