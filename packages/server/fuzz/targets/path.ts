import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import { readFolder } from "../../src/packs/folder/read-folder.ts";
import { scanFolder } from "../../src/packs/folder/scan-folder.ts";
import { type FuzzTarget, must } from "../target.ts";

/** A pack's folder made from lines: `path`, or `path -> target` for a link. Nothing outside of it is ever read. */
export const pathTarget: FuzzTarget = {
  name: "path",
  // A folder made, read twice and removed: thousands of calls of the system.
  limitMs: 4_000,
  seeds: [
    "pack.yaml\nactions/a.yaml\ncode/a.py",
    "a -> b\nb\nc -> ../outside\nd -> /etc/passwd\ne -> e",
    ".hidden\n__pycache__/x\na b/é/😀.yaml\nx\\y\n-> z",
    "dir -> .\nloop/a -> ..\nf/g\nf -> h",
  ],
  words: [
    "../",
    "/",
    "..",
    ".",
    " -> ",
    "\\",
    "~",
    "C:\\",
    "con",
    "%2e%2e/",
    "\n",
    "a/".repeat(20),
    "outside",
  ],
  async run(input) {
    const base = mkdtempSync(join(tmpdir(), "yard-fuzz-"));
    const folder = join(base, "pack");
    mkdirSync(folder);
    writeFileSync(join(base, "outside"), "secret");
    try {
      for (const line of input.toString("utf8").split("\n").slice(0, 30)) make(folder, line);
      const read = await readFolder(await scanFolder(folder));
      for (const { path } of read.scan.files) mustStayInside(folder, path);
      if (!read.ok) {
        must(read.errors.length > 0, "refused without a reason");
        return `refused ${read.errors[0]?.message}`;
      }
      for (const content of read.content.contents.values())
        must(!content.includes("secret"), "a file outside of the pack was read");
      const again = await readFolder(await scanFolder(folder));
      must(again.ok && again.content.digest === read.content.digest, "the digest changes");
      return `files ${Math.min(5, read.content.files.length)}`;
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  },
};

/** What the file system does not take is no pack; nothing is made outside of the folder. */
function make(folder: string, line: string): void {
  const [path = "", target] = line.split(" -> ");
  const full = resolve(folder, path);
  if (!full.startsWith(folder + sep) || path.includes("\0")) return;
  try {
    mkdirSync(dirname(full), { recursive: true });
    if (target === undefined) writeFileSync(full, "x", { flag: "wx" });
    else symlinkSync(target, full);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

function mustStayInside(folder: string, path: string): void {
  must(resolve(folder, path).startsWith(folder + sep), "a path leads out of the pack", path);
  must(!path.split("/").includes("..") && !path.startsWith("/"), "a path", path);
}
