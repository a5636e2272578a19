import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openPipes } from "./open-pipes.ts";
import { createPipeFolder, type PipeFolder } from "./pipe-folder.ts";

const linux = process.platform === "linux";

function setUp(): PipeFolder {
  const root = mkdtempSync(join(tmpdir(), "yard-pipes-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return createPipeFolder(root);
}

const withInput = { stdin: "pipe", onOutput() {} } as const;
const descriptors = () => readdirSync("/proc/self/fd").length;

test("of many processes with input no pipe is left over", async () => {
  const folder = setUp();
  for (let round = 0; round < 100; round += 1) {
    const { outputs, input } = await openPipes(folder, withInput);
    input?.destroy();
    outputs.finish();
  }
  expect(readdirSync(folder.path).length).toBeLessThan(40);
});

test.skipIf(!linux)("where one pipe cannot be had, none stays open", async () => {
  const folder = setUp();
  const without: PipeFolder = {
    ...folder,
    take: (count) => (count === 1 ? Promise.reject(new Error("no more")) : folder.take(count)),
  };
  (await openPipes(folder, withInput)).destroy();
  const before = descriptors();
  await expect(openPipes(without, withInput)).rejects.toThrow("no more");
  expect(descriptors()).toBe(before);
});

test("pipes that a cleaner of old files took are made anew, the folder too", async () => {
  const folder = setUp();
  const [first = "", second = ""] = await folder.take(2);
  folder.giveBack(first);
  folder.giveBack(second);
  rmSync(folder.path, { recursive: true });
  const { outputs, input } = await openPipes(folder, withInput);
  expect(existsSync(input?.path ?? "")).toBe(true);
  outputs.destroy();
  input?.destroy();
});

test.skipIf(process.platform === "win32")("where there is no mkfifo, that is said", async () => {
  const folder = setUp();
  vi.stubEnv("PATH", folder.path);
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(openPipes(folder, withInput)).rejects.toThrow(/no program mkfifo/);
});
