import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files } from "./files.fixture.ts";

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("a folder is made with its mode, and those above it where that is asked for", async () => {
  const { write, at } = files();
  expect(await write(at("a/b"), "", { folder: true })).toMatchObject({ error: "io_error" });
  const made = await write(at("a/b"), "", { folder: true, mkdirs: true, file_mode: "0777" });
  expect(made).toMatchObject({ status: "ok", bytes_written: 0 });
  expect(modeOf(at("a/b"))).toBe(0o777);
});

test("a folder that is there gets the mode that is asked for, but not where it was to be made", async () => {
  const { write, at, allowed } = files();
  mkdirSync(at("a"), { mode: 0o755 });
  for (const path of [at("a"), allowed])
    expect(
      await write(path, "", { folder: true, mode: "create", file_mode: "0700" }),
    ).toMatchObject({ error: "file_exists" });
  expect(modeOf(at("a"))).toBe(0o755);
  expect((await write(at("a"), "", { folder: true })).status).toBe("ok");
  expect(modeOf(at("a"))).toBe(0o755);
  expect((await write(at("a"), "", { folder: true, file_mode: "0500" })).status).toBe("ok");
  expect(modeOf(at("a"))).toBe(0o500);
});

test("no folder is made where a file is", async () => {
  const { write, at } = files();
  writeFileSync(at("f"), "x", { mode: 0o644 });
  expect(await write(at("f"), "", { folder: true, file_mode: "0700" })).toMatchObject({
    error: "io_error",
  });
  expect(modeOf(at("f"))).toBe(0o644);
});

test("no folder is made or changed outside the allowed paths, by whatever way", async () => {
  const { write, at, root } = files();
  symlinkSync(root, at("up"));
  mkdirSync(join(root, "beside"), { mode: 0o755 });
  for (const path of [join(root, "new"), at("up/new"), at("../new"), at("up/beside"), at("up")])
    expect(
      await write(path, "", { folder: true, mkdirs: true, file_mode: "0700" }),
      path,
    ).toMatchObject({ error: "path_not_allowed" });
  expect(existsSync(join(root, "new"))).toBe(false);
  expect(modeOf(join(root, "beside"))).toBe(0o755);
});
