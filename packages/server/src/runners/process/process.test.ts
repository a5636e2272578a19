import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorOf, outputOf, setUp } from "../attempt.fixture.ts";
import type { AttemptResult } from "../runner.ts";

const ECHO_JS = `let text = ""; process.stdin.on("data", (part) => { text += part; });
process.stdin.on("end", () => console.log(JSON.stringify({ got: JSON.parse(text), args: process.argv.slice(2) })));`;

test("a Node entry gets its input on stdin and its arguments as they are", async () => {
  const { run, file } = setUp();
  file("echo.cjs", ECHO_JS);
  const input = { text: 'it\'s $(whoami); "quoted" ünï 🚂', list: [1, 2.5, null] };
  const result = await run({ entry: "echo.cjs", args: ["$HOME", "a b"] }, { input });
  expect(outputOf(result)).toEqual({ got: input, args: ["$HOME", "a b"] });
});

test.each(["echo.js", "echo.mjs"])("%s runs under the Node of the worker", async (entry) => {
  const { run, file } = setUp();
  file(entry, "console.log(JSON.stringify(process.execPath))");
  expect(outputOf(await run({ entry }))).toBe(process.execPath);
});

const python = hasPython();
if (!python) console.log("skipped: no python3 on this machine, Python entries were not tested");

test.skipIf(!python)("a Python entry runs and leaves nothing in the pack", async () => {
  const { run, file, pack } = setUp();
  file("other.py", "def double(n): return n * 2\n");
  file(
    "main.py",
    "import json, sys, other\nprint(json.dumps(other.double(json.load(sys.stdin))))\n",
  );
  expect(outputOf(await run({ entry: "main.py" }, { input: 21 }))).toBe(42);
  expect(execFileSync("ls", [pack], { encoding: "utf8" })).toBe("main.py\nother.py\n");
});

test("a shell entry, an executable of the pack and a command of the machine run", async () => {
  const { run, file } = setUp();
  file("a.sh", "echo '\"shell\"'");
  chmodSync(file("tool", "#!/bin/sh\necho '\"tool\"'\n"), 0o755);
  expect(outputOf(await run({ entry: "a.sh" }))).toBe("shell");
  expect(outputOf(await run({ entry: "tool" }))).toBe("tool");
  expect(outputOf(await run({ command: ["echo", "1"], args: ["", " "] }))).toBe(1);
});

test("a TypeScript entry runs where Node can, and says what to do where it cannot", async () => {
  const { run, file } = setUp();
  file("a.ts", "const n: number = 1; console.log(n);");
  const result = await run({ entry: "a.ts" });
  if ("typescript" in process.features && process.features.typescript) {
    expect(outputOf(result)).toBe(1);
  } else {
    expect(errorOf(result)).toMatchObject({ code: "process_start" });
    expect(errorOf(result).message).toContain("compile");
  }
});

test("an inline script stops at its first failure and at unset variables", async () => {
  const { sh } = setUp();
  expect(errorOf(await sh("false; echo 1")).code).toBe("process_exit");
  expect(errorOf(await sh("echo $NO_SUCH_THING")).code).toBe("process_exit");
  expect(outputOf(await sh('read -r line; echo "$line"', { input: { a: 1 } }))).toEqual({ a: 1 });
});

test("a script takes arguments, and another shell by name", async () => {
  const { sh } = setUp();
  expect(outputOf(await sh('echo "\\"$1\\""', { args: ["one"] }))).toBe("one");
  expect(outputOf(await sh("false; echo 2", { shell: "/bin/sh" }))).toBe(2);
  const program = "console.log(JSON.stringify(process.argv.slice(1)))";
  expect(outputOf(await sh(program, { shell: process.execPath, args: ["-x"] }))).toEqual(["-x"]);
});

test("an entry cannot leave its pack, by dots, by path or by link", async () => {
  const { run, pack, root } = setUp();
  const outside = join(root, "outside.sh");
  execFileSync("cp", ["/bin/true", outside]);
  symlinkSync(outside, join(pack, "link.sh"));
  mkdirSync(join(root, "pack-2"));
  execFileSync("cp", ["/bin/true", join(root, "pack-2", "a")]);
  for (const entry of ["../outside.sh", outside, "link.sh", "../pack-2/a", ".", "a\0b"]) {
    const error = errorOf(await run({ entry }));
    expect(error.code).toBe("process_start");
    expect(error.message).toContain("outside the pack");
  }
});

test("a link inside the pack may be an entry", async () => {
  const { run, pack, file } = setUp();
  file("real.sh", "echo 1");
  symlinkSync(join(pack, "real.sh"), join(pack, "link"));
  expect(outputOf(await run({ entry: "link" }))).toBe(1);
});

test("what cannot be started says why and what to do", async () => {
  const { run, file, pack } = setUp();
  file("plain", "no program");
  chmodSync(file("lost", "#!/no/such/interpreter\n"), 0o755);
  chmodSync(file("windows", "#!/bin/sh\r\necho 1\r\n"), 0o755);
  const message = async (spec: Parameters<typeof run>[0]) => {
    const error = errorOf(await run(spec));
    expect(error.code).toBe("process_start");
    return error.message;
  };
  expect(await message({ command: ["no-such-program-here"] })).toContain("not on the PATH");
  expect(await message({ entry: "plain" })).toContain("chmod +x");
  expect(await message({ entry: "lost" })).toContain(
    "names /no/such/interpreter, which the worker",
  );
  expect(await message({ entry: "windows" })).toContain("Save it with LF");
  expect(await message({ command: ["./absent"] })).toContain("there is no such file");
  expect(await message({ entry: "absent.py" })).toContain("check its name");
  expect(await message({ command: ["a\0b"] })).toContain("null bytes");
  expect(await message({ command: ["true", "x".repeat(200_000)] })).toContain("too long");
  expect(await message({ command: [] })).toContain("command, entry or script");
  mkdirSync(join(pack, "folder"));
  expect(await message({ entry: "folder" })).toContain("not a file");
});

test("a folder that is gone is named instead of the program", async () => {
  const { run } = setUp();
  const error = errorOf(await run({ command: ["true"] }, { packFolder: "/no/such/pack" }));
  expect(error.message).toContain("/no/such/pack does not exist");
});

test("it runs in the pack, or in the work folder where asked", async () => {
  const { sh, pack, work } = setUp();
  expect(outputOf(await sh("pwd", { output: "text" }))).toBe(realpathSync(pack));
  expect(outputOf(await sh("pwd", { output: "text", cwd: "work" }))).toBe(realpathSync(work));
});

test("a program of the PATH that is closed to the worker is told as one that is not there", async () => {
  const { file, pack } = setUp();
  file("closed", "no program");
  const { sh } = setUp({ environment: { ...process.env, PATH: `${pack}:${process.env["PATH"]}` } });
  const { message } = errorOf(await sh("x", { shell: "closed" }));
  expect(message).toContain("not on the PATH of the worker, or what is there is closed to it");
});

test("the environment holds what is allowed, the marks of the attempt, and nothing else", async () => {
  const inherited = {
    PATH: process.env["PATH"],
    HOME: "/home/y",
    LANG: "C",
    LC_TIME: "C",
    TZ: "UTC",
  };
  const secrets = {
    DATABASE_URL: "x",
    YARD_MASTER_KEY: "x",
    YARD_TOKEN: "x",
    YARD_ADMIN_TOKEN: "x",
    NODE_OPTIONS: "--no",
    LD_PRELOAD: "x",
    AWS_SECRET_ACCESS_KEY: "x",
  };
  const environment = { ...inherited, ...secrets, YARD_SESSION: "of another", LCX: "x" };
  const { sh, context, work } = setUp({ environment });
  const { runId, session } = context();
  const env = { MINE: "yes", YARD_RUN_ID: "forged" };
  const text = outputOf(
    await sh("env", {
      output: "text",
      env,
      input: "never here",
      trace: "00-ab-cd-01",
      traceState: "yard=r",
    }),
  );
  const seen = Object.fromEntries(
    String(text)
      .split("\n")
      .map((line) => line.split(/=(.*)/s)),
  );
  const { PWD: _, OLDPWD: __, SHLVL: ___, _: ____, ...rest } = seen;
  expect(rest).toEqual({
    ...inherited,
    MINE: "yes",
    TMPDIR: work,
    YARD_WORK: work,
    YARD_RUN_ID: runId,
    YARD_STEP: "each#3",
    YARD_ATTEMPT: "2",
    YARD_SESSION: session,
    YARD_IDEMPOTENCY_KEY: "key-1",
    TRACEPARENT: "00-ab-cd-01",
    TRACESTATE: "yard=r",
  });
});

test("the input is on stdin alone, not on the command line", async () => {
  const { sh } = setUp();
  const text = outputOf(
    await sh("tr '\\0' ' ' < /proc/$$/cmdline; cat", {
      output: "text",
      input: { secret: "hunter2" },
    }),
  );
  expect(String(text).match(/hunter2/g)).toHaveLength(1);
});

test("a child that never reads its input, or closes it, is no trouble", async () => {
  const { sh } = setUp();
  const input = "x".repeat(1_000_000);
  expect(outputOf(await sh("echo 1", { input }))).toBe(1);
  expect(outputOf(await sh("exec <&-; sleep 0.05; echo 2", { input }))).toBe(2);
  expect(outputOf(await sh("wc -c", { input }))).toBe(1_000_003);
});

test("a failure tells its exit code and the last lines of stderr, without the codes of their colours", async () => {
  const { sh } = setUp();
  const result = await sh("echo first >&2; printf '\\033[1;31mno disk\\033[0m' >&2; exit 7");
  expect(result).toMatchObject({ status: "failed", facts: { exitCode: 7 } });
  expect(errorOf(result)).toMatchObject({ code: "process_exit", details: { exit_code: 7 } });
  expect(errorOf(result).message).toBe("The process exited with code 7: first\nno disk");
});

test("a failure tells what a program threw, without the frames of its stack", async () => {
  const { run, file } = setUp();
  file("throws.mjs", 'console.error("before"); throw new Error("no disk");');
  const { message } = errorOf(await run({ entry: "throws.mjs" }));
  expect(message).toMatch(/^The process exited with code 1: before\n/);
  expect(message).toContain("Error: no disk");
  expect(message).not.toMatch(/^\s+at /m);
});

test.skipIf(!python)("of Python it tells what was raised, not where it went through", async () => {
  const { run, file } = setUp();
  file(
    "raises.py",
    `import sys
def down(n):
    return down(n - 1) if n else int("none")
print("before", file=sys.stderr)
try:
    down(int(sys.argv[1]))
except ValueError as error:
    raise KeyError("no such thing") from error
`,
  );
  const told =
    "ValueError: invalid literal for int() with base 10: 'none'\n\n" +
    "The above exception was the direct cause of the following exception:\n\nKeyError: 'no such thing'";
  const shown = (result: AttemptResult) => errorOf(result).message.split("code 1: ")[1];
  expect(shown(await run({ entry: "raises.py", args: ["2"] }))).toBe(`before\n${told}`);
  file("wrong.py", "if x\n    y\n");
  expect(shown(await run({ entry: "wrong.py" }))).toMatch(
    /^File ".*wrong.py", line 1\n {4}if x\n +\^\nSyntaxError/,
  );
});

test.skipIf(!python)("so it does where the beginning of the stack is cut off", async () => {
  const { run, file } = setUp();
  const functions = Array.from(
    { length: 40 },
    (_, at) => `def step_${at}():\n    return step_${at + 1}()  # ${"-".repeat(at)}\n`,
  );
  file("deep.py", `${functions.join("")}def step_40(): raise OSError("no disk")\nstep_0()\n`);
  const { message } = errorOf(await run({ entry: "deep.py" }));
  expect(message).toBe("The process exited with code 1: OSError: no disk");
});

test("a long stderr is told by its last whole lines, beyond the log's limit too", async () => {
  const { sh } = setUp({ outputLimitBytes: 1000 });
  const script = 'i=0; while [ $i -lt 3000 ]; do echo "line $i ü" >&2; i=$((i+1)); done; exit 1';
  const { message } = errorOf(await sh(script));
  expect(message).toMatch(/^The process exited with code 1: line \d+ ü\nline/);
  expect(message.endsWith("line 2999 ü")).toBe(true);
  expect(Buffer.byteLength(message)).toBeLessThan(2200);
});

test("an end by signal is told as one", async () => {
  const { sh } = setUp();
  const result = await sh("kill -SEGV $$");
  expect(result.facts).toMatchObject({ signal: "SIGSEGV" });
  expect(result.facts.exitCode).toBeUndefined();
  expect(errorOf(result)).toMatchObject({ code: "process_exit", details: { signal: "SIGSEGV" } });
});

test("facts tell pid, exit code, bytes and time", async () => {
  const { sh } = setUp();
  const result = await sh("echo $$; echo oops >&2; sleep 0.1");
  expect(result.facts).toMatchObject({ pid: outputOf(result), exitCode: 0, stderrBytes: 5 });
  expect(result.facts.stdoutBytes).toBe(`${outputOf(result)}\n`.length);
  expect(result.facts.durationMs).toBeGreaterThanOrEqual(95);
  expect(result.facts.leftBehind).toBeUndefined();
});

function hasPython(): boolean {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
