import type { Json } from "@yardmaster/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import type { SettledAs } from "../../inbox/intake/companion.ts";
import { growRevision } from "../../packs/index.ts";
import { lineCompanion } from "./line-part.ts";
import { moveCursor } from "./places.store.ts";

let db: TestDatabase;
let revision = 0;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());
beforeEach(async () => {
  await db.database.pool.query("TRUNCATE sensors");
  await db.database.pool.query("INSERT INTO sensors (ref, fence) VALUES ('p.a', 4), ('p.b', 1)");
  revision = (await db.database.pool.query("SELECT revision FROM definition_revision")).rows[0]
    .revision;
});

interface Line {
  readonly ref?: string;
  readonly fence?: number;
  readonly place: number;
  readonly cursor?: Json;
  readonly revision?: number;
}

/** Rows of one flush, of which those that go on are settled so; all of them are new unless said. */
async function flush(lines: readonly Line[], settled?: readonly SettledAs[]): Promise<unknown[]> {
  return await db.database.withTransaction(async (client) => {
    const begun = await lineCompanion.begin(
      client,
      lines.map(({ ref = "p.a", fence = 4, place, cursor, ...line }) => ({
        row: { ref, fence, place, cursor },
        revision: line.revision ?? revision,
        decisions: [],
      })),
    );
    const going = begun.answers.filter((answer) => answer === "ok");
    await begun.end(settled ?? going.map(() => "new"));
    return begun.answers.map((answer) => (answer === "ok" ? "ok" : answer.refused));
  });
}

const rowOf = async (ref = "p.a"): Promise<unknown> =>
  (await db.database.pool.query("SELECT lines, stored, cursor FROM sensors WHERE ref = $1", [ref]))
    .rows[0];

describe("lines of a sensor in a flush", () => {
  it("move its place, its count and its cursor, each sensor its own", async () => {
    const lines: Line[] = [
      { place: 1, cursor: "x" },
      { ref: "p.b", fence: 1, place: 1 },
      { place: 2, cursor: { at: 2 } },
      { place: 3 },
    ];
    expect(await flush(lines)).toEqual(["ok", "ok", "ok", "ok"]);
    expect(await rowOf()).toEqual({ lines: 3, stored: 3, cursor: { at: 2 } });
    expect(await rowOf("p.b")).toEqual({ lines: 1, stored: 1, cursor: null });
  });

  it("are refused where another process has the sensor, or there is none", async () => {
    expect(
      await flush([
        { place: 1, fence: 3 },
        { place: 1, fence: 5 },
        { ref: "p.c", place: 1 },
      ]),
    ).toEqual(["fenced", "fenced", "fenced"]);
    expect(await rowOf()).toEqual({ lines: 0, stored: 0, cursor: null });
  });

  it("go in their order: what stands behind one that is refused is refused", async () => {
    expect(await flush([{ place: 2 }, { place: 1 }, { place: 3 }])).toEqual([
      "out_of_order",
      "ok",
      "out_of_order",
    ]);
    const stale = { place: 2, cursor: 2, revision: revision - 1 };
    expect(await flush([stale, { place: 3, cursor: 3 }])).toEqual(["stale_rules", "out_of_order"]);
    expect(await rowOf()).toEqual({ lines: 1, stored: 1, cursor: null });
  });

  it("of a process from before a reset are stored, and move no cursor", async () => {
    const { pool } = db.database;
    await pool.query("UPDATE sensors SET reset_fence = 4 WHERE ref = 'p.a'");
    expect(await flush([{ place: 1, cursor: 1 }])).toEqual(["ok"]);
    expect(await moveCursor(pool, { ref: "p.a", fence: 4 }, 2)).toBe(true);
    expect(await rowOf()).toEqual({ lines: 1, stored: 1, cursor: null });
    await pool.query("UPDATE sensors SET fence = 5, lines = 0 WHERE ref = 'p.a'");
    expect(await flush([{ place: 1, fence: 5, cursor: 3 }])).toEqual(["ok"]);
    expect(await rowOf()).toEqual({ lines: 1, stored: 2, cursor: 3 });
  });

  it("that turn out stale behind that leave nothing", async () => {
    expect(
      await flush(
        [
          { place: 1, cursor: 1 },
          { place: 2, cursor: 2 },
        ],
        ["stale", "stale"],
      ),
    ).toEqual(["ok", "ok"]);
    expect(await rowOf()).toEqual({ lines: 0, stored: 0, cursor: null });
  });

  it("move the cursor where they are duplicates, and are not counted", async () => {
    await flush(
      [
        { place: 1, cursor: 1 },
        { place: 2, cursor: 2 },
      ],
      ["new", "duplicate"],
    );
    expect(await rowOf()).toEqual({ lines: 2, stored: 1, cursor: 2 });
  });

  it("that come again after a lost connection are answered as before, whatever has changed, and change nothing", async () => {
    const lines = [
      { place: 1, cursor: 1 },
      { place: 2, cursor: null },
    ];
    expect(await flush(lines)).toEqual(["ok", "ok"]);
    await db.database.withTransaction(growRevision);
    expect(await flush(lines)).toEqual(["ok", "ok"]);
    expect(await rowOf()).toEqual({ lines: 2, stored: 2, cursor: null });
  });
});

it("a cursor by itself is stored for the newest process alone", async () => {
  const { pool } = db.database;
  expect(await moveCursor(pool, { ref: "p.a", fence: 4 }, { a: 1 })).toBe(true);
  expect(await moveCursor(pool, { ref: "p.a", fence: 3 }, { a: 2 })).toBe(false);
  expect(await rowOf()).toMatchObject({ cursor: { a: 1 } });
});
