import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { insertLogSegments } from "../worker/logs.store.ts";
import { readLog } from "./log-page.ts";
import type { LogLine } from "./reading.types.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());

type Piece = readonly [slot: string, text: string, stream?: "stdout" | "stderr"];

/** An ended run whose attempts wrote this, each piece stored by itself: all of it is there to read, whatever is open. */
async function runThatWrote(...pieces: readonly Piece[]): Promise<string> {
  const runId = randomUUID();
  const at = new Date();
  for (const [index, [slot, text, stream = "stdout"]] of pieces.entries())
    await insertLogSegments(db.database.pool, [
      { runId, slot, number: 1, seq: index + 1, stream, at, text },
    ]);
  await db.database.pool.query(
    `INSERT INTO run_history (id, version, ref, input, created_at, created_by, status, finished_at)
     VALUES ($1, 1, 'test.run', '{}', now(), 'test', 'success', now())`,
    [runId],
  );
  return runId;
}

const read = (
  runId: string,
  page: { tail?: number; step?: string; after?: string; limit?: number },
) => readLog(db.database.pool, runId, { limit: 200, ...page });
const textOf = (lines: readonly LogLine[]): string => lines.map(({ text }) => text).join("");

it("begins so many lines before its end, within a piece, at the begin of one, and at its start", async () => {
  const runId = await runThatWrote(["a", "1\n2\n3\n"], ["a", "4\n5"], ["a", "5\n6\n"], ["a", "7"]);
  const texts: string[] = [];
  for (let tail = 1; tail <= 8; tail++) texts.push(textOf(await read(runId, { tail })));
  expect(texts).toEqual([
    "7",
    "6\n7",
    "55\n6\n7",
    "4\n55\n6\n7",
    "3\n4\n55\n6\n7",
    "2\n3\n4\n55\n6\n7",
    "1\n2\n3\n4\n55\n6\n7",
    "1\n2\n3\n4\n55\n6\n7",
  ]);
});

it("says on its first piece that there is older text, and not where there is none", async () => {
  const runId = await runThatWrote(["a", "1\n"], ["a", "2\n"], ["a", "3\n"]);
  const olders = async (tail: number) => (await read(runId, { tail })).map(({ older }) => older);
  expect(await olders(2)).toEqual(["not_asked", undefined]);
  expect(await olders(3)).toEqual([undefined, undefined, undefined]);
});

it("counts the lines of one step, with those of its items", async () => {
  const runId = await runThatWrote(["a", "1\n"], ["b#0", "x\n"], ["b#1", "y\n"], ["a", "2\n"]);
  expect(textOf(await read(runId, { tail: 1, step: "b" }))).toBe("y\n");
  expect(textOf(await read(runId, { tail: 2, step: "b" }))).toBe("x\ny\n");
  expect(textOf(await read(runId, { tail: 2, step: "a" }))).toBe("1\n2\n");
});

it("counts a line that a writer has not ended, and not one that it goes on with", async () => {
  const runId = await runThatWrote(["a", "1\n2", "stdout"], ["a", "e", "stderr"], ["a", "2\n"]);
  expect(textOf(await read(runId, { tail: 2 }))).toBe("2e2\n");
  expect(textOf(await read(runId, { tail: 3 }))).toBe("1\n2e2\n");
});

it("goes on page by page to its end, behind the cursor whatever the tail is", async () => {
  const runId = await runThatWrote(["a", "1\n2\n"], ["a", "3\n"], ["a", "4\n"]);
  const [first] = await read(runId, { tail: 3, limit: 1 });
  expect(first).toMatchObject({ text: "2\n", seq: 1 });
  expect(textOf(await read(runId, { tail: 1, after: first?.cursor ?? "" }))).toBe("3\n4\n");
});

it("goes back over 10 MiB at most, and says that older lines were too large", async () => {
  const mib = `${"x".repeat(2 ** 20 - 1)}\n`;
  const runId = await runThatWrote(...Array.from({ length: 12 }, (): Piece => ["a", mib]));
  const [first, ...others] = await read(runId, { tail: 11 });
  expect(first).toMatchObject({ seq: 3, older: "too_large" });
  expect(others).toHaveLength(9);
  expect((await read(runId, { tail: 10 }))[0]).toMatchObject({ seq: 3, older: "not_asked" });
});

it("refuses what is no cursor", async () => {
  for (const after of ["nonsense", `${"9".repeat(20)}.1.1.a`])
    await expect(read(randomUUID(), { after })).rejects.toMatchObject({ code: "invalid_cursor" });
});
