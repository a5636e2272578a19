import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MARK } from "../environment.ts";
import { createPipeFolder } from "../pipes/pipe-folder.ts";
import { killMarked } from "../processes/stop.ts";
import { createCommandFile } from "./command-file.ts";
import { runInShell } from "./session-call.ts";
import { type Shell, startShell } from "./shell.ts";
import { findShell } from "./shell-program.ts";

async function startedShell(): Promise<Shell> {
  const PATH = process.env["PATH"] ?? "";
  const mark = randomUUID();
  const shell = await startShell({
    program: findShell(PATH),
    cwd: tmpdir(),
    env: { PATH, [MARK.shell]: mark },
  });
  if (shell instanceof Error) throw shell;
  onTestFinished(async () => void (await killMarked(MARK.shell, mark)));
  return shell;
}

/** As on a busy machine, where others run before this process goes on. */
function standStill(ms: number): void {
  const began = performance.now();
  while (performance.now() - began < ms);
}

test("what the shell forks before this process goes on after telling it is the call's, and is stopped", async () => {
  const root = mkdtempSync(join(tmpdir(), "yard-session-call-"));
  const pipes = createPipeFolder(root);
  const file = createCommandFile(join(root, "command"));
  onTestFinished(() => {
    file.close();
    pipes.close();
    rmSync(root, { recursive: true, force: true });
  });
  const real = await startedShell();
  const shell: Shell = {
    ...real,
    run(call, onBegun) {
      const words = real.run(call, onBegun);
      standStill(200);
      return words;
    },
  };
  const call = {
    id: "call-1",
    command: "(while :; do :; done)",
    env: {},
    stdin: "null" as const,
    onOutput: () => {},
  };
  const carried = await runInShell(call, { shell, cwd: root, file, pipes, onEnd: () => {} });
  expect(await carried.stop(5_000)).toBe("SIGTERM");
  expect(await carried.ended).toMatchObject({ exitCode: 143 });
});
