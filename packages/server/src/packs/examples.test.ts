import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Json } from "@yardmaster/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { silentLog } from "../db/index.ts";
import { createTestFolder, type TestFolder } from "./folder/pack-folder.fixture.ts";
import { createPacks } from "./packs.ts";
import type { Packs } from "./packs.types.ts";

const EXAMPLES = fileURLToPath(new URL("../../../../packs/examples", import.meta.url));

let db: TestDatabase;
let data: TestFolder;
let packs: Packs;
let engine: TestEngine;

beforeAll(async () => {
  db = await createTestDatabase();
  data = createTestFolder();
  const deps = { database: db.database, log: silentLog, programFolder: data.path };
  packs = await createPacks(deps, { folders: [EXAMPLES] });
  engine = await startEngine(db.url, packs.source);
  await engine.engine.setQueues(
    packs.queues().map(({ name, concurrency = null, keyConcurrency = null, fifo }) => ({
      name,
      concurrency,
      keyConcurrency,
      fifo,
    })),
  );
});

afterAll(async () => {
  await engine?.close();
  await packs?.close();
  await db?.drop();
  data?.delete();
});

const finish = (ref: string, input: Json) => engine.finish(ref, input);

test("greet greets everybody in order, and applauds only a big round", async () => {
  const big = await finish("examples.greet", { people: ["Ada", "Grace", "Linus"] });
  expect(big).toMatchObject({
    status: "success",
    output: { greetings: ["Hello, Ada!", "Hello, Grace!", "Hello, Linus!"], applauded: true },
  });
  const small = await finish("examples.greet", { people: ["Ada"] });
  expect(small).toMatchObject({ status: "success", output: { applauded: false } });
});

test("slow does all its parts, at any pace", async () => {
  const run = await finish("examples.slow", { pace: "10ms" });
  expect(run).toMatchObject({ status: "success", output: { parts: 6 } });
});

test("check works through its FIFO queue", async () => {
  const input = { repository: "a/b", number: 7, title: "Tidy" };
  const run = await finish("examples.check", input);
  expect(run).toMatchObject({ status: "success", output: { checked: "Hello, #7 Tidy!" } });
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython) console.log("skipped: examples.python, for there is no python3 here");

test.skipIf(!hasPython)("python repeats and measures", async () => {
  const run = await finish("examples.python", { message: "hey" });
  expect(run).toMatchObject({
    status: "success",
    output: { text: "hey hey hey", characters: 11 },
  });
});

test("the rules judge a Gitea issue as their comments say", () => {
  const data = {
    action: "assigned",
    issue: { title: "Broken", user: { login: "ada" }, assignee: { login: "mosaic" }, labels: [] },
  };
  const rules = packs.rules().rulesFor("gitea.issue_assign");
  const outcomes = rules.map((rule) => [rule.ref, rule.condition?.evaluate({ event: { data } })]);
  expect(outcomes).toEqual([
    ["examples.on-assign", { ok: true, value: true }],
    ["examples.on-urgent", { ok: true, value: false }],
  ]);
  const input = rules[0]?.with?.render({ event: { data } });
  expect(input).toEqual({ ok: true, value: { people: ["Broken", "ada"] } });
});
