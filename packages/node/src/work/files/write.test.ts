import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { files, okOf, sha256 } from "./files.fixture.ts";

test("nothing outside the allowed paths is read or written, by whatever way", async () => {
  const { read, write, at, root, allowed } = files();
  writeFileSync(join(root, "secret"), "secret");
  mkdirSync(`${allowed}-beside`);
  writeFileSync(`${allowed}-beside/f`, "beside");
  symlinkSync(join(root, "secret"), at("link"));
  symlinkSync(root, at("up"));
  symlinkSync("../secret", at("relative"));
  const outside = [
    join(root, "secret"),
    at("link"),
    at("up/secret"),
    at("relative"),
    at("../secret"),
    `${allowed}-beside/f`,
  ];
  for (const path of outside) {
    expect(await read(path), path).toMatchObject({ status: "error", error: "path_not_allowed" });
    for (const mode of ["overwrite", "append"] as const) {
      for (const atomic of [true, false]) {
        const answer = await write(path, "gone", { mode, atomic });
        expect(answer, path).toMatchObject({ status: "error", error: "path_not_allowed" });
      }
    }
    const range = await write(path, "gone", { offset: 0, expect_sha256: sha256("gone") });
    expect(range, path).toMatchObject({ error: "path_not_allowed" });
  }
  expect(await write(at("up/new"), "x", { mkdirs: true })).toMatchObject({
    error: "path_not_allowed",
  });
  expect(await write(join(root, "a/b/c"), "x", { mkdirs: true })).toMatchObject({
    error: "path_not_allowed",
  });
  expect(existsSync(join(root, "a"))).toBe(false);
  expect(readFileSync(join(root, "secret"), "utf8")).toBe("secret");
  expect(readFileSync(`${allowed}-beside/f`, "utf8")).toBe("beside");
});

test("no allowed path allows nothing", async () => {
  const { read, write, at } = files({ allowedPaths: [] });
  writeFileSync(at("f"), "x");
  expect(await read(at("f"))).toMatchObject({ error: "path_not_allowed" });
  expect(await write(at("g"), "x")).toMatchObject({ error: "path_not_allowed" });
});

test("the whole machine may be allowed", async () => {
  const { read, at } = files({ allowedPaths: ["/"] });
  writeFileSync(at("f"), "x");
  expect(okOf(await read(at("f"))).content.toString()).toBe("x");
});

test("links within the allowed paths lead where they lead, and stay links", async () => {
  const { read, write, at } = files();
  writeFileSync(at("real"), "old");
  symlinkSync("real", at("link"));
  expect(okOf(await read(at("link"))).content.toString()).toBe("old");
  expect((await write(at("link"), "new")).status).toBe("ok");
  expect(readlinkSync(at("link"))).toBe("real");
  expect(readFileSync(at("real"), "utf8")).toBe("new");
});

test("a file is written whole, new or over an old one, with the rights that it had", async () => {
  const { write, at } = files();
  expect(await write(at("f"), "first")).toMatchObject({
    status: "ok",
    bytes_written: 5,
    sha256: sha256("first"),
  });
  expect(statSync(at("f")).mode & 0o777).toBe(0o644);
  chmodSync(at("f"), 0o750);
  await write(at("f"), "second");
  expect(statSync(at("f")).mode & 0o777).toBe(0o750);
  await write(at("f"), "third", { file_mode: "0600" });
  expect(statSync(at("f")).mode & 0o777).toBe(0o600);
  expect(readFileSync(at("f"), "utf8")).toBe("third");
  const widest = "文".repeat(85);
  await write(at(widest), "wide");
  expect(readdirSync(at(""))).toEqual(["f", widest]);
});

test("nothing can be written, too", async () => {
  const { write, at } = files();
  expect(await write(at("f"), "")).toMatchObject({
    status: "ok",
    bytes_written: 0,
    sha256: sha256(""),
  });
  expect(readFileSync(at("f"), "utf8")).toBe("");
});

test.each([true, false])("mode create takes no file that is there (atomic: %s)", async (atomic) => {
  const { write, at } = files();
  expect((await write(at("f"), "one", { mode: "create", atomic })).status).toBe("ok");
  const again = await write(at("f"), "two", { mode: "create", atomic });
  expect(again).toMatchObject({ status: "error", error: "file_exists" });
  symlinkSync("nowhere", at("dangling"));
  expect((await write(at("dangling"), "x", { mode: "create", atomic })).status).toBe("error");
  expect(readFileSync(at("f"), "utf8")).toBe("one");
  expect(readdirSync(at("")).sort()).toEqual(["dangling", "f"]);
});

test("mode append adds to a file, or begins one", async () => {
  const { write, at } = files();
  await write(at("f"), "a", { mode: "append" });
  await write(at("f"), "b", { mode: "append" });
  expect(readFileSync(at("f"), "utf8")).toBe("ab");
});

test("an atomic write leaves whoever has the old file open with the old file", async () => {
  const { write, at } = files();
  writeFileSync(at("f"), "old");
  linkSync(at("f"), at("other-name"));
  await write(at("f"), "new");
  expect(readFileSync(at("other-name"), "utf8")).toBe("old");
  await write(at("f"), "in place", { atomic: false });
  const { ino } = statSync(at("f"));
  await write(at("f"), "still", { atomic: false });
  expect([statSync(at("f")).ino, readFileSync(at("f"), "utf8")]).toEqual([ino, "still"]);
});

test("content that is not what was expected is not put in place", async () => {
  const { write, at } = files();
  writeFileSync(at("f"), "old");
  const answer = await write(at("f"), "new", { expect_sha256: sha256("other") });
  expect(answer).toMatchObject({ status: "error", error: "hash_mismatch" });
  expect(readFileSync(at("f"), "utf8")).toBe("old");
  expect((await write(at("f"), "new", { expect_sha256: sha256("new") })).status).toBe("ok");
});

test("a socket that has the name stays, whole or by ranges, and a folder's name is none of a file", async () => {
  const { write, at } = files();
  const server = createServer().listen(at("socket"));
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const refused = {
    status: "error",
    error: "io_error",
    error_detail: `${at("socket")} is no regular file`,
  };
  expect(await write(at("socket"), "x")).toMatchObject(refused);
  const range = { offset: 0, expect_sha256: sha256("x") };
  expect(await write(at("socket"), "x", range)).toMatchObject(refused);
  expect(statSync(at("socket")).isSocket()).toBe(true);
  expect(await write(`${at("new")}/`, "x")).toMatchObject({
    error: "io_error",
    error_detail: expect.stringContaining("names a folder"),
  });
  expect(existsSync(at("new"))).toBe(false);
});

test("missing folders are made where that is asked for", async () => {
  const { write, at } = files();
  const answer = await write(at("a/b/f"), "x");
  expect(answer).toMatchObject({
    error: "io_error",
    error_detail: expect.stringContaining("mkdirs"),
  });
  expect((await write(at("a/b/f"), "x", { mkdirs: true })).status).toBe("ok");
  expect((await write(at("a/b/g"), "y", { mkdirs: true })).status).toBe("ok");
  expect(readFileSync(at("a/b/f"), "utf8")).toBe("x");
});

test.each([
  ["a folder", "folder"],
  ["below a file", "file/x"],
  ["a pipe", "pipe"],
])("%s cannot be written, and holds nothing up", async (_, name) => {
  const { write, at, run, allowed } = files();
  await run("mkdir folder; touch file; mkfifo pipe", { cwd: allowed });
  for (const more of [{ atomic: false }, { mode: "append" }] as const) {
    expect(await write(at(name), "x", more)).toMatchObject({ status: "error" });
  }
  expect(readdirSync(allowed).sort()).toEqual(["file", "folder", "pipe"]);
});

test("reading and writing need their grants", async () => {
  const { read, write, at } = files({
    allow: { exec: true, read: false, write: false, jobs: true },
  });
  writeFileSync(at("f"), "x");
  expect(await read(at("f"))).toMatchObject({ error: "path_not_allowed" });
  expect(await write(at("f"), "y")).toMatchObject({ error: "path_not_allowed" });
  expect(readFileSync(at("f"), "utf8")).toBe("x");
});

test("a write whose id comes again is not carried out again", async () => {
  const { write, at } = files();
  await write(at("f"), "x", { mode: "append" }, "same");
  await write(at("f"), "x", { mode: "append" }, "same");
  expect(readFileSync(at("f"), "utf8")).toBe("x");
});

test("an answer that was lost with the link is said again on the next", async () => {
  const all = files();
  const { write, at, work, link, connect, use } = all;
  await write(at("f"), "x", { mode: "append" }, "lost");
  link().isGone = true;
  work.linkDown();
  expect(work.calls()).toEqual([{ id: "lost", state: "finished", last_seq: 0 }]);
  const next = use(connect(["files", "write", "resume"]));
  work.linkUp(next, { calls: [{ id: "lost", action: "continue", from_seq: 0 }], leases: [] });
  expect(await next.next("write_result")).toMatchObject({ id: "lost", status: "ok" });
  expect(readFileSync(at("f"), "utf8")).toBe("x");
});

test("the audit names the file, and holds nothing of it", async () => {
  const { write, at, audit } = files();
  await write(at("f"), "content-of-it", { actor: "token:ada" });
  const notes = audit.filter(({ action }) => action === "write");
  expect(notes).toMatchObject([
    { phase: "begin", actor: "token:ada", details: { path: at("f") } },
    { phase: "end", actor: "token:ada", status: "ok", duration_ms: expect.any(Number) },
  ]);
  expect(JSON.stringify(notes)).not.toMatch(/content-of-it|Y29udGVudC/);
});
