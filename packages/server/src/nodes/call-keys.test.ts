import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { createCallKeys } from "./call-keys.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());

it("remembers answers as before once many were forgotten while their calls ran", async () => {
  const limits = { ms: 60_000, answers: 1, bytes: 100 };
  const keys = createCallKeys({ pool: db.database.pool, newId: randomUUID }, limits);
  const tokenId = randomUUID();
  const ask = (key: string, answer: unknown) =>
    keys.answer({ tokenId, key, request: key }, async () => await answer);
  for (const key of ["a", "b", "c"]) {
    let end = (_: string): void => undefined;
    const slow = ask(
      key,
      new Promise<string>((resolve) => {
        end = resolve;
      }),
    );
    await ask(`behind ${key}`, "short");
    end("x".repeat(60));
    await slow;
  }
  const first = await ask("last", "y".repeat(60));
  expect(await ask("last", "never asked for")).toEqual({ ...first, isRepeated: true });
});
