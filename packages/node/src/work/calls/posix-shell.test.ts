import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createPipeFolder } from "../pipes/pipe-folder.ts";
import { createSession } from "../shell/session.ts";
import type { SessionCall } from "../shell/session-call.ts";
import type { Carried } from "./carried.ts";

/** A session on /bin/sh, as on machines without bash. */
function setUp() {
  const root = mkdtempSync(join(tmpdir(), "yard-sh-"));
  const pipes = createPipeFolder(root);
  const session = createSession("main", `mark-${root}`, {
    pipes,
    program: { path: "/bin/sh", isBash: false },
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    startFolder: () => root,
    newShellId: () => "s-1",
  });
  onTestFinished(async () => {
    await session.reset();
    session.close();
    rmSync(root, { recursive: true, force: true });
  });
  let calls = 0;
  const begin = async (command: string, more: Partial<SessionCall> = {}) => {
    const parts: Buffer[] = [];
    calls += 1;
    const carried: Carried = await session.run({
      id: `call-${calls}-${root}`,
      command,
      env: {},
      stdin: "null",
      onOutput: (_, bytes) => void parts.push(Buffer.from(bytes)),
      ...more,
    });
    return { carried, printed: () => Buffer.concat(parts).toString("utf8") };
  };
  const run = async (command: string, more: Partial<SessionCall> = {}) => {
    const { carried, printed } = await begin(command, more);
    const end = await carried.ended;
    return { ...end, printed: printed() };
  };
  return { root, run, begin };
}

test("a POSIX shell keeps folder and variables, and reports exit codes", async () => {
  const { run, root } = setUp();
  mkdirSync(join(root, "a"));
  await run("cd a; x=kept");
  expect(await run("pwd; echo $x; (exit 6)")).toMatchObject({
    exitCode: 6,
    printed: `${root}/a\nkept\n`,
    cwd: `${root}/a`,
  });
});

test("variables of a call are there for it alone in a POSIX shell too", async () => {
  const { run } = setUp();
  await run("export A=before");
  const during = await run("echo $A $B; sh -c 'echo $A $B'", { env: { A: "it's", B: "two" } });
  expect(during.printed).toBe("it's two\nit's two\n");
  expect((await run('echo "$A [${B-unset}]"; env | grep -c ^B=')).printed).toBe(
    "before [unset]\n0\n",
  );
});

test("a folder for one call is left again by a POSIX shell", async () => {
  const { run, root } = setUp();
  mkdirSync(join(root, "b"));
  expect((await run("pwd", { cwd: join(root, "b") })).printed).toBe(`${root}/b\n`);
  expect((await run("pwd")).printed).toBe(`${root}\n`);
  expect(await run("pwd", { cwd: join(root, "none") })).toMatchObject({
    exitCode: -1,
    refusal: { reason: "cwd_rejected" },
  });
});

test("a syntax error ends a POSIX shell, which is replaced", async () => {
  const { run } = setUp();
  const broken = await run('echo "half');
  expect(broken.exitCode).not.toBe(0);
  expect((await run("echo on")).printed).toBe("on\n");
});

test("a loop in a POSIX shell is stopped with its shell, at once", async () => {
  const { run, begin } = setUp();
  const { carried } = await begin("while :; do :; done");
  expect(await carried.stop(5_000)).toBe("SIGTERM");
  expect(await carried.ended).toMatchObject({ shellRestarted: true });
  expect((await run("echo on")).printed).toBe("on\n");
});

test("input reaches a command of a POSIX shell", async () => {
  const { begin } = setUp();
  const { carried, printed } = await begin("cat; echo end", { stdin: "pipe" });
  void carried.input?.write(Buffer.from("hello\n"));
  carried.input?.end();
  expect(await carried.ended).toMatchObject({ exitCode: 0 });
  expect(printed()).toBe("hello\nend\n");
});
