import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createPipeFolder, type PipeFolder } from "../pipes/pipe-folder.ts";
import { createTerminalKeeper } from "./terminal-keeper.ts";

test.skipIf(process.platform !== "linux")(
  "of a terminal whose second pipe cannot be had the first stays neither open nor taken",
  async () => {
    const root = mkdtempSync(join(tmpdir(), "yard-pipes-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const folder = createPipeFolder(root);
    let first = "";
    const without: PipeFolder = {
      ...folder,
      async take() {
        [first = ""] = await folder.take(1);
        return [first, join(root, "gone")];
      },
    };
    const descriptors = () => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    await expect(createTerminalKeeper(without, "/bin/true", [])).rejects.toThrow("ENOENT");
    expect(descriptors()).toBe(before);
    expect(readdirSync(folder.path).map((name) => join(folder.path, name))).not.toContain(first);
  },
);
