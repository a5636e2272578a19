import { AppError } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { startFailure } from "./start-failure.ts";

const URL_ = "postgres://yard:secret@db.example:5432/yard";
const failure = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code });

test.each([
  ["25006", "unavailable", /a standby, or read-only.*\(yard at db\.example:5432\)/],
  ["53300", "unavailable", /no connection left; raise max_connections/],
  ["ECONNREFUSED", "unavailable", /yard at db\.example:5432\) is out of reach: no/],
  ["42501", "invalid_setting", /^DATABASE_URL: its role .*: no; make the role the owner/],
  ["57014", "invalid_setting", /^DATABASE_URL: .*broke off.*: no; take statement_timeout out/],
])("%s says what to do, and not the password", (sqlState, code, text) => {
  const told = startFailure(URL_, failure(sqlState, "no"));
  expect(told).toMatchObject({ code, message: expect.stringMatching(text) });
  expect((told as Error).message).not.toContain("secret");
});

test("what is no doing of PostgreSQL stays what it was", () => {
  for (const error of [new TypeError("a bug"), new AppError("conflict", "taken"), "text"])
    expect(startFailure(URL_, error)).toBe(error);
});
