import { createHash } from "node:crypto";
import { nextCursor, type RunFile, STEP_FILE_LIMITS, type StepFile } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { ADMIN, serveRoutes } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, FAIL, workflowOf } from "../../test/workflows.ts";
import type { Http } from "../http/index.ts";
import { stepFileRoutes } from "./index.ts";
import { createStepFiles, type StepFiles } from "./step-files.ts";

const sha256 = (content: string | Buffer): string =>
  createHash("sha256").update(content).digest("hex");
const MIB = 1024 * 1024;

/** A script in its work folder; `files` is what it hands back. */
const makes = (script: string, files: readonly string[]) =>
  actionOf("test.makes", { kind: "process", script, output: "text", cwd: "work", files });
const reads = (script: string) =>
  actionOf("test.reads", { kind: "process", script, output: "text", cwd: "work" });
const GIVEN = "${{ steps.make.files }}";

const WORKFLOWS = [
  workflowOf(
    "test.two",
    [
      {
        id: "make",
        action: makes(
          "mkdir -p out/b; printf one >out/a.csv; printf two >out/b/c.csv; printf no >out/d.txt; printf run >go; chmod 755 go",
          ["out/**/*.csv", "go"],
        ),
      },
      { id: "read", action: reads("cat out/a.csv out/b/c.csv; test -x go; ls"), files: GIVEN },
      {
        id: "moved",
        action: reads('cat "$YARD_WORK/in/out/a.csv"'),
        files: [{ from: GIVEN, to: "in" }],
      },
    ],
    "${{ steps.make.files }}",
  ),
  workflowOf("test.fresh", [
    { id: "make", action: makes('printf "$YARD_RUN_ID" >id', ["id"]) },
    {
      id: "once",
      action: reads('cat id; test "$YARD_ATTEMPT" = 2'),
      files: GIVEN,
      retry: { attempts: 2, delayMs: 1 },
    },
  ]),
  workflowOf(
    "test.each",
    [
      {
        id: "make",
        action: makes("cat >part-$(cat /proc/sys/kernel/random/uuid)", ["part-*"]),
        forEach: "[1, 2, 3]",
        with: { n: "${{ item }}" },
      },
      { id: "read", action: reads("cat part-* | sort"), files: GIVEN },
    ],
    "${{ steps.read.output }}",
  ),
  workflowOf("test.missing", [{ id: "make", action: makes("true", ["report.pdf", "*.csv"]) }]),
  workflowOf("test.none", [{ id: "make", action: makes("true", ["*.csv"]) }], GIVEN),
  workflowOf("test.link", [
    { id: "make", action: makes("ln -s /etc/passwd a; mkdir d; ln -s /etc l", ["a", "**"]) },
  ]),
  workflowOf("test.large", [
    {
      id: "make",
      action: makes("truncate -s 100M ok; truncate -s 104857601 big", ["big", "ok"]),
    },
  ]),
  workflowOf("test.many", [
    {
      id: "make",
      action: makes("i=0; while [ $i -lt 257 ]; do : >f$i; i=$((i + 1)); done", ["f*"]),
    },
  ]),
  workflowOf("test.sum", [
    {
      id: "make",
      action: makes("for i in 1 2 3 4 5 6; do truncate -s 90M f$i; done", ["f*"]),
    },
  ]),
  workflowOf("test.big", [
    {
      id: "make",
      action: makes("head -c 3500000 /dev/urandom >big", ["big"]),
    },
  ]),
  workflowOf("test.given", [{ id: "read", action: reads("cat *"), files: "${{ input.files }}" }]),
  workflowOf("test.child", [{ id: "read", action: reads("cat id"), files: "${{ input.files }}" }]),
  workflowOf("test.parent", [
    { id: "make", action: makes('printf "$YARD_RUN_ID" >id', ["id"]) },
    {
      id: "call",
      action: actionOf("test.child", { kind: "workflow" }),
      with: { files: GIVEN },
    },
  ]),
  workflowOf("test.inner", [{ id: "make", action: makes('printf "$YARD_RUN_ID" >id', ["id"]) }]),
  workflowOf("test.outer", [{ id: "call", action: actionOf("test.inner", { kind: "workflow" }) }]),
  workflowOf("test.breaks", [
    { id: "make", action: makes('printf "$YARD_RUN_ID" >id', ["id"]) },
    { id: "no", action: FAIL, if: "run.ref != ''", with: { message: "broken" } },
    { id: "read", action: reads("cat id"), files: GIVEN },
  ]),
];

describe("files of steps", () => {
  let db: TestDatabase;
  let test: TestEngine;
  let files: StepFiles;
  let http: Http;
  let url: string;
  beforeAll(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, definitionsOf(WORKFLOWS));
    files = createStepFiles({ pool: db.database.pool, newId: () => crypto.randomUUID() });
    http = serveRoutes(stepFileRoutes(test.engine, files), { authenticate: () => ADMIN }).http;
    ({ url } = await http.listen("127.0.0.1", 0));
  });
  afterAll(async () => {
    await http?.close();
    await test?.close();
    await db?.drop();
  });

  const stepsOf = async (run: string) => {
    const steps = await test.engine.steps(run);
    return new Map(steps?.map((step) => [step.id, step]));
  };
  const count = async (table: string): Promise<number> =>
    Number((await db.database.pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count);
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/v1/runs/${path}`, { headers });

  it("come out of the work folder of a success, and into that of a step after it", async () => {
    const run = await test.finish("test.two");
    expect(run).toMatchObject({ status: "success" });
    const expected: StepFile[] = [
      { path: "go", bytes: 3, sha256: sha256("run"), mode: "0755" },
      { path: "out/a.csv", bytes: 3, sha256: sha256("one"), mode: "0644" },
      { path: "out/b/c.csv", bytes: 3, sha256: sha256("two"), mode: "0644" },
    ];
    expect(run.output).toEqual(expected);
    const steps = await stepsOf(run.id);
    expect(steps.get("make")?.files).toEqual(expected);
    expect(steps.get("read")).toMatchObject({ output: "onetwogo\nout" });
    expect(steps.get("read")?.files).toBeUndefined();
    expect(steps.get("moved")?.output).toBe("one");
    expect(await test.engine.verify(run.id)).toMatchObject({ same: true });
  });

  it("are the same for every try of the step that is given them", async () => {
    const run = await test.finish("test.fresh");
    const once = (await stepsOf(run.id)).get("once");
    expect(once).toMatchObject({ status: "success", output: run.id });
    expect(once?.attempts.map(({ status }) => status)).toEqual(["failed", "success"]);
  });

  it("of a for_each are a list for each item, and all of them can be given on", async () => {
    const run = await test.finish("test.each");
    expect(run.output).toBe('{"n":1}\n{"n":2}\n{"n":3}');
    const make = (await stepsOf(run.id)).get("make");
    expect(make?.items?.map((item) => item.files?.length)).toEqual([1, 1, 1]);
    const listed = (await (await get(`${run.id}/files`)).json()) as RunFile[];
    expect(listed.map(({ step, item, attempt }) => [step, item, attempt])).toEqual([
      ["make", 0, 1],
      ["make", 1, 1],
      ["make", 2, 1],
    ]);
    const first = await get(`${run.id}/files?limit=2`);
    expect(await first.json()).toEqual(listed.slice(0, 2));
    const cursor = encodeURIComponent(nextCursor(first.headers.get("link")) as string);
    const rest = await get(`${run.id}/files?limit=2&cursor=${cursor}`);
    expect(await rest.json()).toEqual(listed.slice(2));
    expect(rest.headers.get("link")).toBeNull();
    expect((await get(`${run.id}/files?cursor=other`)).status).toBe(400);
  });

  it("that were named and are not there fail the attempt; of a pattern there may be none", async () => {
    const run = await test.finish("test.missing");
    expect(run.error?.code).toBe("invalid_output");
    expect(run.error?.message).toContain("It was to hand back report.pdf, and it is not there");
    expect((await test.finish("test.none")).output).toEqual([]);
  });

  it("are never reached through links", async () => {
    const run = await test.finish("test.link");
    expect(run.error?.message).toContain("It was to hand back a, and it is not there");
  });

  it.each([
    ["test.large", "big has 100 MiB (104857601 bytes); a file may have 100 MiB"],
    ["test.many", "It hands back 257 files; at most 256 are allowed"],
    ["test.sum", "with f6 the files have 540 MiB (566231040 bytes)"],
  ])("beyond a limit fail the attempt of %s, and nothing of them is stored", async (ref, text) => {
    const before = await count("file_contents");
    const run = await test.finish(ref);
    expect(run.error).toMatchObject({ code: "limit_exceeded" });
    expect(run.error?.message).toContain(text);
    expect(await count("file_contents")).toBe(before);
  });

  /** A tree of runs has `bytes` already. */
  async function fill(root: string, bytes: number): Promise<void> {
    await db.database.pool.query(
      `WITH content AS (INSERT INTO file_contents (id, sha256, bytes) VALUES ($2, $3, $4) RETURNING id)
       INSERT INTO file_uses (root_id, content_id) SELECT $1, id FROM content`,
      [root, crypto.randomUUID(), sha256(`all of ${root}`), bytes],
    );
  }

  it.each([
    [36, "success"],
    [35, "failed"],
  ])(
    "are bounded for a run and its steps' runs together: with room for %d bytes more, what hands back 36 is %s",
    async (roomBytes, status) => {
      const outer = test.engine.prepare({ ref: "test.outer", input: {}, createdBy: "test" });
      await fill(outer.id, STEP_FILE_LIMITS.treeBytes - roomBytes);
      const before = await count("file_contents");
      await test.engine.commit({ runs: [outer] });
      await test.engine.waitForEnd(outer.id, 10_000);
      const [inner] = (await test.engine.runs({ parentId: outer.id, limit: 2 })).rows;
      expect(inner?.status).toBe(status);
      if (status === "success") return;
      expect(inner?.error).toMatchObject({ code: "limit_exceeded" });
      expect(inner?.error?.message).toMatch(/have 4 GiB \(4294967297 bytes\); at most 4 GiB/);
      expect(await count("file_contents")).toBe(before);
    },
  );

  it("that a tree of runs has already need no more room in it", async () => {
    const run = await test.finish("test.breaks");
    const [known] = (await stepsOf(run.id)).get("make")?.files ?? [];
    await fill(run.id, STEP_FILE_LIMITS.treeBytes - 36);
    const attempt = files.ofAttempt(run.id, []);
    expect(await attempt.overLimit([known as StepFile])).toBeUndefined();
    const other = { sha256: sha256("x"), bytes: 1 };
    expect(await attempt.overLimit([other])).toMatchObject({ code: "limit_exceeded" });
  });

  it("are kept in pieces of at most 1 MiB, and are read in ranges", async () => {
    const run = await test.finish("test.big");
    const [file] = (await stepsOf(run.id)).get("make")?.files ?? [];
    const { rows } = await db.database.pool.query(
      `SELECT length(piece) AS length FROM file_pieces JOIN file_contents ON id = content_id
       WHERE sha256 = $1 ORDER BY number`,
      [file?.sha256],
    );
    expect(rows.map(({ length }) => length)).toEqual([MIB, MIB, MIB, 3_500_000 - 3 * MIB]);
    const path = `${run.id}/files/${file?.sha256}`;
    const whole = await get(`${path}?download=a%22%27b.bin`);
    const content = Buffer.from(await whole.arrayBuffer());
    expect(sha256(content)).toBe(file?.sha256);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      "content-length": "3500000",
      etag: `"${file?.sha256}"`,
      "accept-ranges": "bytes",
      "content-disposition": "attachment; filename*=UTF-8''a%22%27b.bin",
      "x-content-type-options": "nosniff",
    });
    const rest = await get(path, {
      range: `bytes=${2 * MIB - 3}-`,
      "if-range": `"${file?.sha256}"`,
    });
    expect([rest.status, rest.headers.get("content-range")]).toEqual([
      206,
      `bytes ${2 * MIB - 3}-3499999/3500000`,
    ]);
    expect(Buffer.from(await rest.arrayBuffer()).equals(content.subarray(2 * MIB - 3))).toBe(true);
    const other = await get(path, { range: "bytes=0-9", "if-range": '"another"' });
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, 3_500_000]);
    const behind = await get(path, { range: "bytes=3500000-" });
    expect([behind.status, behind.headers.get("content-range")]).toEqual([416, "bytes */3500000"]);
    const same = await get(path, { "if-none-match": `"${file?.sha256}"` });
    expect(same.status).toBe(304);
  });

  it("of another run are not given out, neither to a step nor by the API", async () => {
    const { id, output } = await test.finish("test.two");
    const stranger = await test.finish("test.given", { files: output });
    expect(stranger.error?.code).toBe("file_not_found");
    expect(stranger.error?.message).toContain("is no file of this run");
    const own = await get(`${id}/files/${sha256("one")}`);
    const foreign = await get(`${stranger.id}/files/${sha256("one")}`);
    expect([own.status, foreign.status]).toEqual([200, 404]);
    await own.arrayBuffer();
    expect((await get(`${crypto.randomUUID()}/files`)).status).toBe(404);
  });

  it("that are none are refused before anything runs", async () => {
    const run = await test.finish("test.given", { files: [{ path: "../x", sha256: "y" }] });
    expect(run.error).toMatchObject({ code: "expression_failed" });
    expect(run.error?.message).toContain("files: what it came to are no files of a step");
  });

  it("go into a run that is a step of theirs", async () => {
    const run = await test.finish("test.parent");
    expect(run).toMatchObject({ status: "success" });
    const [child] = (await test.engine.runs({ parentId: run.id, limit: 2 })).rows;
    expect((await stepsOf(child?.id ?? "")).get("read")?.output).toBe(run.id);
    const content = await get(`${child?.id}/files/${sha256(run.id)}`);
    expect(await content.text()).toBe(run.id);
  });

  it("are taken over by a new try of their run", async () => {
    const run = await test.finish("test.breaks");
    expect(run.status).toBe("failed");
    const retry = await test.engine.prepareRetry(run.id, { by: "test" });
    await test.engine.commit({ runs: [retry] });
    const again = await test.engine.waitForEnd(retry.id, 10_000);
    expect(again?.status).toBe("failed");
    const make = (await stepsOf(retry.id)).get("make");
    expect(make).toMatchObject({ reused: true, files: [{ path: "id", sha256: sha256(run.id) }] });
    const content = await get(`${retry.id}/files/${sha256(run.id)}`);
    expect(await content.text()).toBe(run.id);
    const listed = (await (await get(`${retry.id}/files`)).json()) as RunFile[];
    expect(listed).toMatchObject([{ step: "make", item: null, attempt: null, path: "id" }]);
    expect(await test.engine.verify(retry.id)).toMatchObject({ same: true });
  });
});
