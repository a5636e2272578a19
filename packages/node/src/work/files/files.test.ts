import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { NodeFrames, OutgoingServerFrames } from "@yardmaster/protocol/node";
import { expect, test } from "vitest";
import { BASE, type SetUp, setUp } from "../testing/work.fixture.ts";

const MIB = 1024 * 1024;
const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");
const b64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString("base64");

type ReadAnswer = NodeFrames["read_result"];
type ReadOptions = Omit<OutgoingServerFrames["read"], "type" | "id" | "path">;
type WriteOptions = Omit<OutgoingServerFrames["write"], "type" | "id" | "path" | "content_b64">;

/** Reads and writes as the server does. */
function files(options: Parameters<typeof setUp>[0] = {}) {
  const all = setUp(options);
  let ids = 0;
  const newId = (): string => {
    ids += 1;
    return `file-${ids}`;
  };
  const read = (path: string, range: ReadOptions = {}, id = newId()): Promise<ReadAnswer> => {
    all.send({ type: "read", id, path, ...range });
    return all.link().next("read_result", (frame) => frame.id === id);
  };
  const write = (path: string, content: Buffer | string, more: WriteOptions = {}, id = newId()) => {
    all.send({ type: "write", id, path, content_b64: b64(content), ...more });
    return all.link().next("write_result", (frame) => frame.id === id);
  };
  return { ...all, at: (name: string) => join(all.allowed, name), read, write };
}

function okOf(answer: ReadAnswer) {
  if (answer.status !== "ok") throw new Error(JSON.stringify(answer));
  return { ...answer, content: Buffer.from(answer.content_b64, "base64") };
}

test("a file is read whole, with its checksum, rights and time", async () => {
  const { read, at } = files();
  const bytes = randomBytes(3_000_000);
  writeFileSync(at("f"), bytes, { mode: 0o640 });
  const answer = okOf(await read(at("f")));
  expect(answer.content.equals(bytes)).toBe(true);
  expect(answer).toMatchObject({
    size_bytes: bytes.length,
    eof: true,
    mode: "0640",
    sha256: sha256(bytes),
  });
  expect(answer.mtime).toBe(statSync(at("f")).mtime.toISOString());
});

test("an empty file is empty, and no error", async () => {
  const { read, at } = files();
  writeFileSync(at("f"), "");
  expect(okOf(await read(at("f")))).toMatchObject({ size_bytes: 0, eof: true, sha256: sha256("") });
});

test("a range is read, and says where the file ends", async () => {
  const { read, at } = files();
  writeFileSync(at("f"), "0123456789");
  const middle = okOf(await read(at("f"), { offset: 2, length: 3 }));
  expect([middle.content.toString(), middle.eof, middle.size_bytes]).toEqual(["234", false, 10]);
  expect(middle.sha256).toBeUndefined();
  const end = okOf(await read(at("f"), { offset: 8, length: 100 }));
  expect([end.content.toString(), end.eof]).toEqual(["89", true]);
  const beyond = okOf(await read(at("f"), { offset: 50, length: 1 }));
  expect([beyond.content.length, beyond.eof]).toEqual([0, true]);
});

test("ranges that follow one another end with the checksum of the whole, unless the file changed", async () => {
  const { read, at } = files();
  const bytes = randomBytes(2 * MIB + 5);
  writeFileSync(at("f"), bytes);
  for (const offset of [0, MIB]) {
    expect(okOf(await read(at("f"), { offset, length: MIB })).sha256).toBeUndefined();
  }
  expect(okOf(await read(at("f"), { offset: 2 * MIB, length: MIB })).sha256).toBe(sha256(bytes));
  await read(at("f"), { offset: 0, length: MIB });
  writeFileSync(at("f"), randomBytes(bytes.length));
  for (const offset of [MIB, 2 * MIB]) {
    expect(okOf(await read(at("f"), { offset, length: MIB })).sha256).toBeUndefined();
  }
});

test("a file larger than a message is refused whole, and comes in ranges", async () => {
  const { read, at } = files();
  writeFileSync(at("f"), "");
  truncateSync(at("f"), 10 * MIB + 1);
  expect(await read(at("f"))).toMatchObject({ status: "error", error: "file_too_large" });
  expect(okOf(await read(at("f"), { offset: 10 * MIB, length: 10 })).content.length).toBe(1);
  truncateSync(at("f"), 10 * MIB);
  expect(okOf(await read(at("f"))).content.length).toBe(10 * MIB);
});

test("files of the system, whose size is 0, are read to their end", async () => {
  const { read } = files({ allowedPaths: ["/proc/self"] });
  const { content } = okOf(await read("/proc/self/status"));
  expect(content.toString()).toContain("VmRSS");
});

test.each([
  ["a folder", "folder"],
  ["a pipe", "pipe"],
  ["a link that leads nowhere", "dangling"],
])("%s is no file to read, and holds nothing up", async (_, name) => {
  const { read, at, run, allowed } = files();
  await run(`mkdir folder; mkfifo pipe; ln -s none dangling`, { cwd: allowed });
  const answer = await read(at(name));
  expect(answer).toMatchObject({ status: "error" });
  expect(answer.status === "error" && answer.error_detail).toContain(name);
});

test("what is not there is told only of allowed places", async () => {
  const { read, at, root } = files();
  expect(await read(at("none"))).toMatchObject({ error: "file_not_found" });
  expect(await read(at("none/deeper"))).toMatchObject({ error: "file_not_found" });
  for (const path of [join(root, "none"), join(root, "state/none"), "/none", `${at("")}/../x`]) {
    expect(await read(path), path).toMatchObject({ error: "path_not_allowed" });
  }
});

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
  expect(readdirSync(at(""))).toEqual(["f"]);
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

test("a session without ranges of files refuses to write nothing, and is told of no more than it knows", async () => {
  const { write, read, at } = files({ capabilities: BASE });
  expect(await write(at("f"), "")).toMatchObject({ error: "bad_request" });
  expect(await write(at("f"), "x")).toEqual(
    expect.not.objectContaining({ sha256: expect.anything() }),
  );
  expect(await read(at("f"))).toEqual({
    type: "read_result",
    id: "file-3",
    status: "ok",
    content_b64: b64("x"),
    size_bytes: 1,
  });
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
    expect(await write(at(name), "x", more)).toMatchObject({ status: "error", error: "io_error" });
  }
  expect(readdirSync(allowed).sort()).toEqual(["file", "folder", "pipe"]);
});

test("ranges gather beside the file, and the last puts them in its place", async () => {
  const { write, read, at } = files();
  writeFileSync(at("f"), "old", { mode: 0o600 });
  const bytes = randomBytes(2 * MIB + 77);
  const whole = sha256(bytes);
  for (const offset of [0, MIB]) {
    const answer = await write(at("f"), bytes.subarray(offset, offset + MIB), { offset });
    expect(answer).toEqual(expect.not.objectContaining({ sha256: expect.anything() }));
    expect(readFileSync(at("f"), "utf8")).toBe("old");
  }
  expect(okOf(await read(at("f.yard-part"), { offset: 0, length: 1 })).size_bytes).toBe(2 * MIB);
  const last = await write(at("f"), bytes.subarray(2 * MIB), {
    offset: 2 * MIB,
    expect_sha256: whole,
  });
  expect(last).toMatchObject({ status: "ok", bytes_written: 77, sha256: whole });
  expect(readFileSync(at("f")).equals(bytes)).toBe(true);
  expect(statSync(at("f")).mode & 0o777).toBe(0o600);
  expect(readdirSync(at(""))).toEqual(["f"]);
});

test("ranges are gone on with where they ended, by another process of the node too", async () => {
  const first = files();
  const bytes = randomBytes(3_000);
  await first.write(first.at("f"), bytes.subarray(0, 1_000), { offset: 0 });
  const second = files({ allowedPaths: [first.allowed] });
  const hole = await second.write(first.at("f"), bytes.subarray(2_000), { offset: 2_000 });
  expect(hole).toMatchObject({
    error: "io_error",
    error_detail: expect.stringContaining("1000 bytes"),
  });
  await second.write(first.at("f"), bytes.subarray(1_000, 2_000), { offset: 1_000 });
  const last = await second.write(first.at("f"), bytes.subarray(2_000), {
    offset: 2_000,
    expect_sha256: sha256(bytes),
  });
  expect(last.status).toBe("ok");
  expect(readFileSync(first.at("f")).equals(bytes)).toBe(true);
});

test("ranges that came together wrong are dropped, and the file stays", async () => {
  const { write, at } = files();
  writeFileSync(at("f"), "old");
  await write(at("f"), "abc", { offset: 0 });
  const last = await write(at("f"), "def", { offset: 3, expect_sha256: sha256("abcdeF") });
  expect(last).toMatchObject({ error: "hash_mismatch" });
  expect(readdirSync(at(""))).toEqual(["f"]);
  expect(readFileSync(at("f"), "utf8")).toBe("old");
});

test("a range in place changes that range alone", async () => {
  const { write, at } = files();
  writeFileSync(at("f"), "0123456789");
  await write(at("f"), "abc", { offset: 3, atomic: false });
  expect(readFileSync(at("f"), "utf8")).toBe("012abc6789");
});

test("too much at once is refused, whole or in a range", async () => {
  const { write, at } = files();
  const range = await write(at("f"), Buffer.alloc(MIB + 1), { offset: 0 });
  expect(range).toMatchObject({ error: "file_too_large" });
  expect(await write(at("f"), Buffer.alloc(10 * MIB + 1))).toMatchObject({
    error: "file_too_large",
  });
  expect((await write(at("f"), Buffer.alloc(10 * MIB))).status).toBe("ok");
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
  const all: SetUp & ReturnType<typeof files> = files();
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

test("a large file goes in and out by ranges, and its checksum with it", async () => {
  const { read, write, at } = files();
  const ranges = 64;
  const range = randomBytes(MIB);
  const hash = createHash("sha256");
  for (let index = 0; index < ranges; index += 1) {
    range.writeUInt32BE(index, 0);
    hash.update(range);
    const more = index === ranges - 1 ? { expect_sha256: hash.copy().digest("hex") } : {};
    const answer = await write(at("big"), range, { offset: index * MIB, ...more });
    expect(answer.status).toBe("ok");
  }
  expect(lstatSync(at("big")).size).toBe(ranges * MIB);
  let last: ReadAnswer | undefined;
  for (let index = 0; index < ranges; index += 1) {
    last = await read(at("big"), { offset: index * MIB, length: MIB });
  }
  expect(last).toMatchObject({ eof: true, sha256: hash.digest("hex") });
});

test("the audit names the file, and holds nothing of it", async () => {
  const { write, at, audit } = files();
  await write(at("f"), "content-of-it");
  const notes = audit.filter(({ action }) => action === "write");
  expect(notes).toMatchObject([
    { phase: "begin", details: { path: at("f") } },
    { phase: "end", status: "ok" },
  ]);
  expect(JSON.stringify(notes)).not.toMatch(/content-of-it|Y29udGVudC/);
});
