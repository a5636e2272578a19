import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { program } from "./node-process.ts";

const hasSha256sum = spawnSync("sha256sum", ["--version"]).status === 0;

test.skipIf(!hasSha256sum)(
  "the file for other machines comes with its checksum, by which one that was changed is refused",
  async () => {
    const built = await program();
    const folder = mkdtempSync(join(tmpdir(), "yn-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    for (const name of [basename(built), `${basename(built)}.sha256`])
      cpSync(join(dirname(built), name), join(folder, name));
    const check = () => spawnSync("sha256sum", ["-c", "yard-node.mjs.sha256"], { cwd: folder });
    expect(check().status).toBe(0);
    appendFileSync(join(folder, "yard-node.mjs"), "// more\n");
    expect(check().status).toBe(1);
  },
);
