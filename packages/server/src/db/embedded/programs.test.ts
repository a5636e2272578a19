import { expect, test } from "vitest";
import { runProgram } from "./programs.ts";

const shell = (script: string): Promise<void> =>
  runProgram("/bin/sh", ["-c", script], { cwd: "/", user: undefined });

test("a program leads a group of its own, so that Ctrl-C in the terminal does not reach it", async () => {
  await shell("kill -s 0 -- -$$");
});

test("a program that fails is told with what it wrote, or how it ended", async () => {
  await expect(shell("echo out; echo why >&2; exit 3")).rejects.toThrow("/bin/sh failed: why");
  await expect(shell("kill -s KILL $$")).rejects.toThrow("/bin/sh failed: it ended with SIGKILL");
  await expect(runProgram("/no/such", [], { cwd: "/", user: undefined })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("ENOENT"),
  });
});
