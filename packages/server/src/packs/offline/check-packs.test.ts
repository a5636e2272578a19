import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestFolder, smallPack, type TestFolder } from "../folder/pack-folder.fixture.ts";
import { checkPacks } from "./check-packs.ts";

let folder: TestFolder;
beforeEach(() => {
  folder = createTestFolder();
});
afterEach(() => folder.delete());

test("each pack of a folder is compiled, and what it holds is told", async () => {
  folder.write({ ...smallPack("one"), ...smallPack("two", "[") });
  const { packs, unreadable } = await checkPacks([folder.path]);
  expect(unreadable).toEqual([]);
  expect(packs).toMatchObject([
    {
      folder: `${folder.path}/one`,
      pack: "one",
      version: "1.0.0",
      actions: ["one.say"],
      problems: [],
    },
    {
      folder: `${folder.path}/two`,
      pack: "two",
      version: null,
      actions: [],
      problems: [{ file: "actions/say.yaml", line: 4, column: 1 }],
    },
  ]);
});

test("what two packs cannot both have is told at the later one: a pack's name, a queue, a source", async () => {
  const queue = { "queues/q.yaml": "queue: q\n" };
  folder.write({ ...smallPack("a", "x", queue), ...smallPack("b", "x", queue) });
  folder.write({ "z/pack.yaml": "pack: a\nversion: 2.0.0\n" });
  const { packs } = await checkPacks([folder.path]);
  expect(packs.map(({ problems }) => problems.map(({ message }) => message))).toEqual([
    [],
    ['the queue "q" is already defined by the pack "a"'],
    [`the pack "a" is already in ${folder.path}/a`],
  ]);
});

test("a folder that is not there is told, and the others are checked all the same", async () => {
  folder.write(smallPack("one"));
  const { packs, unreadable } = await checkPacks([`${folder.path}/none`, `${folder.path}/one`]);
  expect(packs.map((pack) => pack.pack)).toEqual(["one"]);
  expect(unreadable).toEqual([
    { folder: `${folder.path}/none`, message: "there is no such folder" },
  ]);
});

test("a file given for the folder of a pack is told so", async () => {
  folder.write(smallPack("one"));
  const { unreadable } = await checkPacks([`${folder.path}/one/pack.yaml`]);
  expect(unreadable[0]?.message).toBe(
    "is no folder; a pack is given by its folder, in which pack.yaml lies",
  );
});

test("a file with tens of thousands of mistakes is told in a bounded list", async () => {
  const mistakes = Array.from({ length: 20_000 }, (_, i) => `x${i}: 1`).join("\n");
  folder.write(smallPack("one", `x\n${mistakes}`));
  const [pack] = (await checkPacks([folder.path])).packs;
  expect(pack?.problems).toHaveLength(201);
  expect(pack?.problems.at(-1)?.message).toBe("19800 more problems from here on");
});
