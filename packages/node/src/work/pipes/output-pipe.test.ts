import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openOutputPipe } from "./output-pipe.ts";
import { createPipeFolder } from "./pipe-folder.ts";

async function setUp() {
  const root = mkdtempSync(join(tmpdir(), "yard-pipe-"));
  const folder = createPipeFolder(root);
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [path = ""] = await folder.take(1);
  const seen: string[] = [];
  const left: ("given back" | "removed")[] = [];
  const watched = {
    ...folder,
    giveBack(pipe: string) {
      left.push("given back");
      folder.giveBack(pipe);
    },
    remove(pipe: string) {
      left.push("removed");
      folder.remove(pipe);
    },
  };
  const pipe = openOutputPipe(watched, path, (bytes) => void seen.push(bytes.toString("utf8")));
  onTestFinished(() => pipe.destroy());
  return { folder, pipe, path, seen, left, text: () => seen.join("") };
}

test("what was written before the end is read at once, started or not", async () => {
  const { pipe, path, text, left } = await setUp();
  const writer = openSync(path, "w");
  writeSync(writer, "written");
  closeSync(writer);
  pipe.finish();
  expect(text()).toBe("written");
  expect(left).toEqual(["given back"]);
});

test("what is read as it comes and what is left at the end come in order", async () => {
  const { pipe, path, seen, text } = await setUp();
  const writer = openSync(path, "w");
  pipe.start();
  writeSync(writer, "one ");
  await vi.waitFor(() => expect(seen).toEqual(["one "]));
  writeSync(writer, "two");
  closeSync(writer);
  pipe.finish();
  expect(text()).toBe("one two");
});

test("a late writer is neither heard nor stopped, and the pipe is free when it ends", async () => {
  const { pipe, path, text, left } = await setUp();
  const writer = openSync(path, "a");
  writeSync(writer, "mine");
  pipe.finish();
  expect([text(), left]).toEqual(["mine", []]);
  for (let written = 0; written < 20; written += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    writeSync(writer, "x".repeat(10_000)); // Would block, were it not read.
  }
  closeSync(writer);
  await vi.waitFor(() => expect(left).toEqual(["given back"]));
  expect(text()).toBe("mine");
});

test("a pipe that is paused is not read", async () => {
  const { pipe, path, seen, text } = await setUp();
  const writer = openSync(path, "w");
  pipe.start();
  pipe.pause();
  writeSync(writer, "held");
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual([]);
  pipe.resume();
  await vi.waitFor(() => expect(text()).toBe("held"));
  closeSync(writer);
});

test("of very many late writers the oldest is given up", async () => {
  const { folder } = await setUp();
  const given: number[] = [];
  const ends = Array.from({ length: 600 }, (_, index) => {
    const end: () => void = folder.readOn(() => {
      given.push(index);
      end();
    });
    return end;
  });
  expect(given).toEqual(Array.from({ length: 600 - 512 }, (_, index) => index));
  for (const end of ends) end();
});
