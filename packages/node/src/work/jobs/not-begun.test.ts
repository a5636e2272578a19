import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { jobs } from "./jobs.fixture.ts";
import { cannotBegin, whyNotBegun } from "./not-begun.ts";

/** A folder on a disk of 64 KiB in memory; undefined where this process may not have one. */
function onSmallDisk(): string | undefined {
  const disk = mkdtempSync(join(tmpdir(), "yard-node-small-"));
  onTestFinished(() => rmSync(disk, { recursive: true, force: true }));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", [disk]));
  return join(disk, "state");
}

test("a job that a full disk has no room for was not begun, and begins when there is room; what never fits fails", async (context) => {
  const stateFolder = onSmallDisk();
  if (stateFolder === undefined) return context.skip("only root can mount a small disk");
  const { offer, result, serve, fileOf, audit } = jobs({ stateFolder });
  const filler = join(stateFolder, "filler");
  writeFileSync(filler, Buffer.alloc(48 * 1024));
  const content = "x".repeat(20 * 1024);
  const job = { argv: ["cat", "f"], cwd: "pack" as const, files: [fileOf("f", content)] };
  const first = offer(job);
  await serve(first, [content], 8 * 1024);
  expect(await result(first)).toMatchObject({
    status: "failed",
    exit_code: -1,
    error: "not_begun",
    error_detail: "ENOSPC: no space left on device, write: make room",
  });
  expect(audit.at(-1)).toMatchObject({ phase: "end", details: { error: "not_begun" } });
  rmSync(filler);
  const again = offer(job);
  await serve(again, [content], 8 * 1024);
  expect((await result(again)).status).toBe("succeeded");
  const huge = "y".repeat(100 * 1024);
  const never = offer({ argv: ["true"], files: [fileOf("f", huge)] });
  await serve(never, [huge], 64 * 1024);
  expect(await result(never)).toMatchObject({ error: "io_error" });
});

test.each([
  ["EMFILE", "spawn", 'raise the limits of open files, processes and memory, or lower "slots"'],
  ["ENOENT", "mkdir", "see to the machine, whose disk may be full"],
])("%s of %s is the machine's, with what to do", (code, syscall, wayOut) => {
  const error = Object.assign(new Error(`${code}: no`), { code, syscall });
  expect(whyNotBegun(error)).toContain(`${code}: no: ${wayOut}`);
  expect(whyNotBegun(new Error("a file cannot be stored", { cause: error }))).toContain(wayOut);
});

test("what is wrong with a job is not the machine's, and what we say ourselves neither", () => {
  for (const code of ["ENOENT", "EACCES", "E2BIG", "EEXIST"])
    expect(whyNotBegun(Object.assign(new Error(code), { code, syscall: "open" }))).toBeUndefined();
  const refused = (cause: Error): unknown => {
    try {
      return cannotBegin(cause);
    } catch (error) {
      return whyNotBegun(error);
    }
  };
  expect(refused(new Error("there is no program mkfifo"))).toBeUndefined();
  expect(refused(Object.assign(new Error("mkfifo failed"), { code: 1 }))).toContain(
    "mkfifo failed",
  );
});
