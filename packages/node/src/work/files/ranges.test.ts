import { createHash, randomBytes } from "node:crypto";
import {
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { BASE } from "../testing/work.fixture.ts";
import { b64, files, MIB, okOf, type ReadAnswer, sha256 } from "./files.fixture.ts";

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

test("a file of the system, whose size is 0, does not end with a range that is full", async () => {
  const { read } = files({ allowedPaths: ["/proc/self"] });
  const first = okOf(await read("/proc/self/status", { offset: 0, length: 10 }));
  expect([first.content.length, first.eof, first.sha256]).toEqual([10, false, undefined]);
  const rest = okOf(await read("/proc/self/status", { offset: 10, length: MIB }));
  expect([rest.content.toString().includes("VmRSS"), rest.eof]).toEqual([true, true]);
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
  truncateSync(at("f"), 5 * MIB ** 2);
  expect(await read(at("f"))).toMatchObject({ error: "file_too_large" });
  truncateSync(at("f"), 10 * MIB);
  expect(okOf(await read(at("f"))).content.length).toBe(10 * MIB);
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

test("a range for which the disk has no room says what stays there of those before", async () => {
  const { write, at } = files();
  await write(at("f"), "01234", { offset: 0 });
  const handle = await open(at("f.yard-part"));
  await handle.close();
  const full = Object.assign(new Error("full"), { code: "ENOSPC" });
  const writes = vi.spyOn(Object.getPrototypeOf(handle), "write").mockRejectedValueOnce(full);
  const answer = await write(at("f"), "56789", { offset: 5 });
  writes.mockRestore();
  expect(answer).toMatchObject({
    error: "io_error",
    error_detail: `${at("f")}: the disk is full (ENOSPC). What has arrived stays in ${at("f.yard-part")}: make room and copy again, which goes on there, or remove it`,
  });
  expect(readFileSync(at("f.yard-part"), "utf8")).toBe("01234");
});

test("a range that goes on from nothing is refused, and leaves nothing behind", async () => {
  const { write, at, allowed } = files();
  expect(await write(at("f"), "x", { offset: 5 })).toMatchObject({
    error: "io_error",
    error_detail: `of ${at("f")} 0 bytes are gathered: go on there, or begin anew at 0`,
  });
  expect(readdirSync(allowed)).toEqual([]);
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
