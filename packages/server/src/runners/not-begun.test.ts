import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../db/index.ts";
import { errorOf, setUp } from "./attempt.fixture.ts";
import { type AttemptFiles, layOut } from "./files/index.ts";
import { NotBegun, notBegun } from "./not-begun.ts";
import { createWorkFolders } from "./work-folder/work-folder.ts";

/** A disk in memory of a few blocks, with room for four files and folders; undefined where this process may not have one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "yard-small-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k,nr_inodes=4", "tmpfs", folder], {
      stdio: "ignore",
    });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", [folder]));
  return folder;
}

function errorWith(code: string): Error {
  return Object.assign(new Error(`${code}: no`), { code, syscall: "mkdir" });
}

test.each(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN"])(
  "%s of a start is the machine's: the attempt was not begun",
  async (code) => {
    const { sh } = setUp({ start: async () => errorWith(code) });
    await expect(sh("true")).rejects.toThrow(NotBegun);
  },
);

test.each(["ENOENT", "EACCES", "EPERM", "E2BIG", "ENOEXEC"])(
  "%s of a start is the action's own failure",
  async (code) => {
    const { sh } = setUp({ start: async () => errorWith(code) });
    expect(errorOf(await sh("true"))).toMatchObject({
      code: "process_start",
      details: { error: code },
    });
  },
);

test("whatever the system says of a folder of the worker's own is the machine's, what we say of it is not", () => {
  const ofSystem = Object.assign(errorWith("ENOENT"), { path: "/data/packs" });
  expect(notBegun(ofSystem)).toMatchObject({
    wayOut: "see that /data/packs can be made: its disk may be full",
  });
  const ours = Object.assign(new Error("no such pack"), { code: "definition_missing" });
  expect(notBegun(ours)).toBe(ours);
});

test("each reason says what is to be done, and where", () => {
  const wayOut = (code: string): unknown =>
    notBegun(Object.assign(errorWith(code), { path: "/data/work" }));
  expect(wayOut("ENOSPC")).toMatchObject({ wayOut: "make room where /data/work lies" });
  expect(wayOut("EROFS")).toMatchObject({ wayOut: expect.stringContaining("mend the disk") });
  expect(wayOut("EMFILE")).toMatchObject({ wayOut: expect.stringContaining("raise the limits") });
});

test("who begins is told so, and who cannot is not", async () => {
  let begun = 0;
  const onBegun = (): void => {
    begun++;
  };
  const { sh, run } = setUp();
  await sh("true", { onBegun, output: "none" });
  await run({ command: ["no-such-program-7"] }, { onBegun });
  expect(begun).toBe(1);
});

test("files that a full disk has no room for now are the machine's, those that it never has room for are the step's", async (context) => {
  const disk = smallDisk();
  if (disk === undefined) return context.skip("only root can mount a small disk");
  const filesOf = (bytes: number): AttemptFiles => ({
    given: [{ path: "a", bytes, sha256: "", mode: "0644" }],
    refused: async () => undefined,
    async *read() {
      yield Buffer.alloc(bytes);
    },
    overLimit: async () => undefined,
    reuse: async () => false,
    write: () => {
      throw new Error("nothing is handed back (w3n8)");
    },
  });
  const { signal } = new AbortController();
  expect(await layOut(disk, filesOf(80 * 1_024), signal)).toMatchObject({ code: "io_error" });
  rmSync(join(disk, "a"));
  writeFileSync(join(disk, "filler"), Buffer.alloc(32 * 1_024));
  await expect(layOut(disk, filesOf(48 * 1_024), signal)).rejects.toThrow(NotBegun);
});

test("an input that does not fit on a full disk, and a folder that cannot be made, are the machine's", async (context) => {
  const disk = smallDisk();
  if (disk === undefined) return context.skip("only root can mount a small disk");
  const { sh } = setUp();
  const work = join(disk, "work");
  mkdirSync(work);
  const given = {
    input: "x".repeat(256 * 1_024),
    inputAs: "file",
    workFolder: () => work,
  } as const;
  const failure = await sh("true", given).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NotBegun);
  expect(failure).toMatchObject({ message: expect.stringContaining("ENOSPC") });

  const folders = createWorkFolders(join(disk, "folders"), silentLog);
  expect(() => folders.take()).toThrow("ENOSPC");
});
