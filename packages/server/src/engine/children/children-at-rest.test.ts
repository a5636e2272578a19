import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { readOutlook } from "../scheduler/scheduler.store.ts";
import { type ChildAct, childrenAtRest, childrenToFollow } from "./children.store.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());
beforeEach(async () => {
  await db.database.pool.query("TRUNCATE runs, children");
});

const PARENT = randomUUID();
const CHILD = randomUUID();
const BY_PARENT = `run:${PARENT}`;

interface Run {
  readonly canceling?: boolean;
  readonly pausedBy?: string;
}

interface Family {
  readonly state: "new" | "started" | "ended";
  readonly parent?: Run;
  readonly child?: Run;
  readonly movedAgoMs?: number;
}

async function live(id: string, { canceling = false, pausedBy }: Run): Promise<void> {
  await db.database.pool.query(
    `INSERT INTO runs (id, version, ref, input, created_at, created_by, canceling, paused_by)
     VALUES ($1, 1, 'test.run', '{}', now(), 'test', $2, $3)`,
    [id, canceling, pausedBy ?? null],
  );
}

async function raise({ state, parent = {}, child = {}, movedAgoMs = 2_000 }: Family) {
  await live(PARENT, parent);
  if (state === "started") await live(CHILD, child);
  await db.database.pool.query(
    `INSERT INTO children (child_id, parent_id, slot, number, state, ref, input, moved_at)
     VALUES ($1, $2, 'a', 1, $3, 'test.run', '{}', clock_timestamp() - $4 * interval '1 millisecond')`,
    [CHILD, PARENT, state, movedAgoMs],
  );
}

it.each<[string, Family, ChildAct[]]>([
  ["called is born", { state: "new" }, ["start"]],
  ["called just now is left to who called it", { state: "new", movedAgoMs: 0 }, []],
  ["of a paused run is not born", { state: "new", parent: { pausedBy: "a" } }, []],
  [
    "not born is withdrawn with a cancel",
    { state: "new", parent: { canceling: true } },
    ["withdraw"],
  ],
  [
    "not born is withdrawn with the cancel of a run that is paused",
    { state: "new", parent: { canceling: true, pausedBy: "a" } },
    ["withdraw"],
  ],
  ["ended is told of", { state: "ended" }, ["tell"]],
  [
    "ended is told of to a run that is paused",
    { state: "ended", parent: { pausedBy: "a" } },
    ["tell"],
  ],
  ["ended just now is left to who ended it", { state: "ended", movedAgoMs: 0 }, []],
  ["going on is left alone", { state: "started" }, []],
  [
    "going on is canceled with its parent",
    { state: "started", parent: { canceling: true } },
    ["cancel"],
  ],
  [
    "being canceled is not canceled again",
    { state: "started", parent: { canceling: true }, child: { canceling: true } },
    [],
  ],
  [
    "going on is paused with its parent",
    { state: "started", parent: { pausedBy: "a" } },
    ["pause"],
  ],
  [
    "paused is not paused again",
    { state: "started", parent: { pausedBy: "a" }, child: { pausedBy: BY_PARENT } },
    [],
  ],
  [
    "held by a run that goes on is resumed",
    { state: "started", child: { pausedBy: BY_PARENT } },
    ["resume"],
  ],
  ["paused by itself keeps its own pause", { state: "started", child: { pausedBy: "b" } }, []],
])("a child %s", async (_, family, acts) => {
  const { pool } = db.database;
  await raise(family);
  expect((await childrenAtRest(pool, 10, [])).map(({ act }) => act)).toEqual(acts);
  expect(await childrenAtRest(pool, 10, [CHILD])).toEqual([]);
  expect((await readOutlook(pool, PARENT, "here")).children).toBe(acts.length > 0);
  const following = acts.filter((act) => ["start", "pause", "resume"].includes(act));
  expect((await childrenToFollow(pool, PARENT)).map(({ act }) => act)).toEqual(following);
});
