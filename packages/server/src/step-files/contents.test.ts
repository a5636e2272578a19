import { createHash, randomUUID } from "node:crypto";
import { firstUuidAt } from "@yardmaster/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { byteRange } from "./byte-range.ts";
import { createContentWriter } from "./content-writer.ts";
import { useContent } from "./contents.store.ts";
import { deleteOldStepFiles } from "./retention.ts";

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");
const DAY_MS = 86_400_000;
const YESTERDAY = new Date(Date.now() - DAY_MS);
/** Of a run that was born so long ago. */
const idOf = (days: number): string =>
  firstUuidAt(Date.now() - days * DAY_MS).slice(0, 19) + randomUUID().slice(19);

describe("contents of files", () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  beforeEach(async () => {
    await db.database.pool.query("TRUNCATE file_contents CASCADE");
  });
  afterAll(() => db?.drop());

  const writer = (root: string) =>
    createContentWriter(db.database.pool, { id: randomUUID(), rootId: async () => root });
  async function write(root: string, content: string): Promise<void> {
    const sink = writer(root);
    await sink.add(Buffer.from(content));
    expect(await sink.finish(sha256(content))).toBe(true);
  }
  const column = async (text: string): Promise<string[]> =>
    (await db.database.pool.query({ text, rowMode: "array" })).rows.map(([value]) => value);
  const contents = () =>
    column("SELECT coalesce(sha256, 'unfinished') FROM file_contents ORDER BY sha256");
  const roots = () => column("SELECT root_id FROM file_uses ORDER BY root_id");
  const sweep = () => deleteOldStepFiles(db.database.pool, YESTERDAY, 2);
  const history = (id: string) =>
    db.database.pool.query(
      `INSERT INTO run_history (id, version, ref, input, created_at, created_by, status, finished_at)
       VALUES ($1, 1, 'test.run', '{}', now(), 'test', 'success', now())`,
      [id],
    );

  it("are there once, however many write the same at once", async () => {
    const trees = [1, 2, 3, 4, 5].map(() => randomUUID()).sort();
    await Promise.all(trees.map((root) => write(root, "same")));
    expect(await contents()).toEqual([sha256("same")]);
    expect(await column("SELECT count(*)::int FROM file_pieces")).toEqual([1]);
    expect(await roots()).toEqual(trees);
  });

  it("that are not what was said of them are dropped, and nobody finds them before", async () => {
    const sink = writer(randomUUID());
    await sink.add(Buffer.alloc(1024 * 1024 + 1, "a"));
    expect(await contents()).toEqual(["unfinished"]);
    expect(await useContent(db.database.pool, randomUUID(), sha256("other"))).toBe(false);
    expect(await sink.finish(sha256("other"))).toBe(false);
    expect(await contents()).toEqual([]);
    expect(await column("SELECT count(*)::int FROM file_pieces")).toEqual([0]);
  });

  it("may be empty", async () => {
    await write(randomUUID(), "");
    expect(await column("SELECT bytes::int FROM file_contents")).toEqual([0]);
  });

  it("go with the last run that has them, and not before", async () => {
    const [kept, gone, other, late] = [idOf(40), idOf(39), idOf(38), idOf(0)];
    await history(kept);
    await write(kept, "both");
    await write(gone, "both");
    await write(other, "theirs");
    await write(late, "not committed yet");
    expect(await sweep()).toBe(1);
    expect(await roots()).toEqual([kept, late]);
    expect(await contents()).toEqual([sha256("both"), sha256("not committed yet")].sort());
    await db.database.pool.query("DELETE FROM run_history WHERE id = $1", [kept]);
    expect(await sweep()).toBe(1);
    expect(await contents()).toEqual([sha256("not committed yet")]);
  });

  it("whose writer died go after a day", async () => {
    await writer(randomUUID()).add(Buffer.alloc(1024 * 1024));
    expect(await sweep()).toBe(0);
    await db.database.pool.query("UPDATE file_contents SET begun_at = now() - interval '25 h'");
    expect(await sweep()).toBe(1);
    expect(await contents()).toEqual([]);
  });

  it("that a run is being given are not deleted, however close", async () => {
    const gone = idOf(40);
    await write(gone, "wanted");
    await db.database.pool.query("DELETE FROM file_uses");
    const giving = await db.database.pool.connect();
    try {
      await giving.query("BEGIN");
      await giving.query(
        "INSERT INTO file_uses (root_id, content_id) SELECT $1, id FROM file_contents",
        [idOf(0)],
      );
      expect(await sweep()).toBe(0);
      await giving.query("COMMIT");
    } finally {
      giving.release();
    }
    expect(await sweep()).toBe(0);
    expect(await contents()).toEqual([sha256("wanted")]);
  });
});

describe("a range of bytes", () => {
  it.each([
    [undefined, "whole"],
    ["bytes=0-", { from: 0, to: 10 }],
    ["bytes=4-", { from: 4, to: 10 }],
    ["bytes=4-4", { from: 4, to: 5 }],
    ["bytes=4-99", { from: 4, to: 10 }],
    ["bytes=-3", { from: 7, to: 10 }],
    ["bytes=-99", { from: 0, to: 10 }],
    ["bytes=10-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=5-4", "whole"],
    ["bytes=0-1,3-4", "whole"],
    ["bytes=-", "whole"],
    ["lines=1-2", "whole"],
  ])("%s of ten is understood", (header, expected) => {
    expect(byteRange(header, 10)).toEqual(expected);
  });
});
