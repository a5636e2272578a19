import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { StepFile, WorkError } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { errorOf, setUp } from "../attempt.fixture.ts";
import type { AttemptFiles } from "../files/index.ts";

const sha256 = (content: string | Buffer): string =>
  createHash("sha256").update(content).digest("hex");
const given = (path: string, content: string, mode: StepFile["mode"] = "0644"): StepFile => ({
  ...{ path, bytes: content.length, sha256: sha256(content), mode },
});

const FULL: WorkError = { code: "limit_exceeded", message: "It is too much." };

/** A store in memory: what it gives, and what it has taken. */
function store(contents: readonly string[] = [], files: readonly StepFile[] = []) {
  const byHash = new Map(contents.map((content) => [sha256(content), Buffer.from(content)]));
  const written: string[] = [];
  let dropped = 0;
  const more: { onWrite: () => Promise<void>; over: (WorkError | undefined)[] } = {
    onWrite: async () => {},
    over: [],
  };
  const attempt: AttemptFiles = {
    given: files,
    refused: async () => undefined,
    async *read(sum) {
      for (const byte of byHash.get(sum) ?? Buffer.alloc(0)) yield Buffer.from([byte]);
    },
    overLimit: async () => more.over.shift(),
    reuse: async (sum) => byHash.has(sum),
    write() {
      const parts: Buffer[] = [];
      return {
        async add(data) {
          await more.onWrite();
          parts.push(Buffer.from(data));
        },
        finish: async (sum) => written.push(Buffer.concat(parts).toString()) > 0 && sum !== "",
        drop: async () => void dropped++,
      };
    },
  };
  return { attempt, written, more, dropped: () => dropped };
}

test("the files that it is given are there before it starts, as they were and its own", async () => {
  const files = [given("in/a.txt", "one"), given("go", "#!/bin/sh\necho went\n", "0755")];
  const { attempt } = store(["one", "#!/bin/sh\necho went\n"], files);
  const { run, work } = setUp();
  const script = 'cat in/a.txt; ./go; echo more >>in/a.txt; echo "$YARD_WORK"';
  const result = await run({ script, output: "text", cwd: "work" }, { files: attempt });
  expect(result).toMatchObject({ status: "success", output: `onewent\n${work}` });
  expect(statSync(join(work, "go")).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(work, "in/a.txt"), "utf8")).toBe("onemore\n");
});

test("a stored file that is not what its checksum says starts nothing", async () => {
  const wrong = { ...given("a", "right"), sha256: sha256("wrong!") };
  const { attempt } = store([], [wrong]);
  const { run, work } = setUp();
  const result = await run({ command: ["touch", "ran"], cwd: "work" }, { files: attempt });
  expect(errorOf(result)).toMatchObject({ code: "hash_mismatch", details: { path: "a" } });
  expect(readdirSync(work)).toEqual(["a"]);
});

test("what a store has already is not written again", async () => {
  const { attempt, written } = store(["known"]);
  const { run } = setUp();
  const result = await run(
    {
      command: ["sh", "-c", "printf known >a; printf new >b; mkdir d; printf 'in d' >d/c"],
      ...{ cwd: "work", output: "none", files: ["**"] },
    },
    { files: attempt },
  );
  expect(result).toMatchObject({ status: "success" });
  expect((result as { files?: StepFile[] }).files?.map(({ path }) => path)).toEqual([
    "a",
    "b",
    "d/c",
  ]);
  expect(written).toEqual(["new", "in d"]);
});

test("a failure hands nothing back", async () => {
  const { attempt, written } = store();
  const { run } = setUp();
  const result = await run(
    { command: ["sh", "-c", "echo x >a; exit 3"], cwd: "work", files: ["a"] },
    { files: attempt },
  );
  expect(result).toMatchObject({ status: "failed", error: { code: "process_exit" } });
  expect(written).toEqual([]);
});

test("a link to a folder is not gone through", async () => {
  const { attempt } = store();
  const { run, work, root } = setUp();
  const made = await run(
    { command: ["sh", "-c", `mkdir d; echo x >d/a; mv d ${root}/d`], cwd: "work", output: "none" },
    {},
  );
  expect(made.status).toBe("success");
  symlinkSync(join(root, "d"), join(work, "d"));
  const result = await run(
    { command: ["true"], cwd: "work", output: "none", files: ["d/*", "d/a"] },
    { files: attempt },
  );
  expect(errorOf(result).message).toContain("d/a, and it is not there");
});

test.each([
  ["cancel", "canceled"],
  ["lease_lost", "canceled"],
] as const)(
  "an abort (%s) while files are stored ends it, with nothing kept",
  async (why, status) => {
    const { attempt, written, more, dropped } = store();
    const { run, abort } = setUp();
    more.onWrite = async () => abort.abort(why);
    const result = await run(
      {
        command: ["sh", "-c", "head -c 600000 /dev/zero >a"],
        ...{ cwd: "work", output: "none", files: ["a"] },
      },
      { files: attempt },
    );
    expect(result).toMatchObject({ status, error: { code: "canceled" } });
    expect([written, dropped()]).toEqual([[], 1]);
  },
);

test.each([
  ["before anything is stored", [FULL], []],
  ["when all is stored, since others stored meanwhile", [undefined, FULL], ["x"]],
])("what is too much for its tree of runs fails it, %s", async (_, over, stored) => {
  const { attempt, written, more } = store();
  const { run } = setUp();
  more.over = over;
  const result = await run(
    { command: ["sh", "-c", "printf x >a"], cwd: "work", output: "none", files: ["a"] },
    { files: attempt },
  );
  expect(errorOf(result)).toEqual(FULL);
  expect(written).toEqual(stored);
});

test("a store that fails fails the attempt, and says at which file", async () => {
  const { attempt, more } = store();
  const { run } = setUp();
  more.onWrite = () => Promise.reject(new Error("no room left"));
  const result = await run(
    { command: ["sh", "-c", "echo x >a"], cwd: "work", output: "none", files: ["a"] },
    { files: attempt },
  );
  expect(errorOf(result)).toEqual({
    code: "io_error",
    message: "Its files could not be handed back: a: no room left",
  });
});
