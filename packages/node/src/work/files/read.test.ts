import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, okOf, sha256 } from "./files.fixture.ts";

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

test("a folder is told from all else that is no file, to read and to write", async () => {
  const { read, write, at } = files();
  mkdirSync(at("folder"));
  expect(await read(at("folder"))).toMatchObject({ error: "is_folder" });
  expect(await write(at("folder"), "x")).toMatchObject({ error: "is_folder" });
});

test("what is not there is told only of allowed places", async () => {
  const { read, at, root } = files();
  expect(await read(at("none"))).toMatchObject({ error: "file_not_found" });
  expect(await read(at("none/deeper"))).toMatchObject({ error: "file_not_found" });
  for (const path of [join(root, "none"), join(root, "state/none"), "/none", `${at("")}/../x`]) {
    expect(await read(path), path).toMatchObject({ error: "path_not_allowed" });
  }
});

test("the node's own folder is closed, whatever is allowed: its token, and the list of what is allowed", async () => {
  const { read, write, root } = files({ allowedPaths: ["/"] });
  const config = join(root, "state/node.json");
  writeFileSync(config, "{}");
  symlinkSync(join(root, "state"), join(root, "way-in"));
  for (const path of [config, join(root, "way-in/node.json"), `/proc/self/root${config}`]) {
    expect(await read(path), path).toMatchObject({ error: "path_not_allowed" });
    expect(await write(path, "x"), path).toMatchObject({ error: "path_not_allowed" });
  }
  expect(await write(join(root, "state/more/x"), "x", { mkdirs: true })).toMatchObject({
    error: "path_not_allowed",
  });
  expect(readFileSync(config, "utf8")).toBe("{}");
});

test("of more calls than may wait each has its two lines in the audit, refused or not", async () => {
  const { read, at, audit } = files();
  writeFileSync(at("f"), "x");
  const answers = await Promise.all(Array.from({ length: 300 }, () => read(at("f"))));
  const refused = answers.filter((answer) => answer.status === "error");
  expect(new Set(refused.map(({ error }) => error))).toEqual(new Set(["busy"]));
  const ends = audit.filter(({ phase }) => phase === "end");
  expect(new Set(ends.map(({ request_id }) => request_id)).size).toBe(300);
  expect(ends.filter(({ status }) => status === "error")).toHaveLength(refused.length);
});
