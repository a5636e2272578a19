import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorOf, outputOf, setUp } from "../attempt.fixture.ts";

const input = { secret: "hunter2", list: [1, "ü"] };

test("the input is in a file that its user alone may read, and gone afterwards", async () => {
  const { sh, work } = setUp();
  const script =
    'printf \'{"path":"%s","mode":"%s","input":%s}\' "$YARD_INPUT_FILE" "$(stat -c %a "$YARD_INPUT_FILE")" "$(cat "$YARD_INPUT_FILE")"';
  const given = { input, inputAs: "file" } as const;
  const output = outputOf(await sh(script, given)) as { path: string };
  expect(output).toEqual({ path: join(work, "input.json"), mode: "600", input });
  expect(readdirSync(work)).toEqual([]);
});

test("then it is not on stdin, in the environment or on the command line", async () => {
  const { sh } = setUp();
  const script = "cat; env; tr '\\0' ' ' < /proc/$$/cmdline";
  const text = outputOf(await sh(script, { output: "text", input, inputAs: "file" }));
  expect(text).toContain("YARD_INPUT_FILE=");
  expect(text).not.toContain("hunter2");
});

test("a command takes its path by {input_file}, wherever it stands in an argument", async () => {
  const { run, work } = setUp();
  const spec = {
    command: ["echo", "{input_file}"],
    args: ["--at={input_file}"],
    inputAs: "file",
  } as const;
  const path = join(work, "input.json");
  expect(outputOf(await run({ ...spec, output: "text" }))).toBe(`${path} --at=${path}`);
  const plain = await run({ command: ["echo", "{input_file}"], output: "text" });
  expect(outputOf(plain)).toBe("{input_file}");
});

test("it is gone too after a failure, a timeout and a start that failed", async () => {
  const { sh, run, work } = setUp();
  await sh("exit 1", { inputAs: "file" });
  expect((await sh("sleep 5", { inputAs: "file", timeoutMs: 50 })).status).toBe("timed_out");
  const unstarted = await run({ command: ["no-such-program-here"], inputAs: "file" });
  expect(errorOf(unstarted).code).toBe("process_start");
  expect(readdirSync(work)).toEqual([]);
});

test("a link that lies in its place is not followed", async () => {
  const { sh, work, root } = setUp();
  const target = join(root, "target");
  writeFileSync(target, "untouched");
  symlinkSync(target, join(work, "input.json"));
  const error = errorOf(await sh("echo 1", { inputAs: "file" }));
  expect(error.code).toBe("process_start");
  expect(error.message).toContain("The input file cannot be written: EEXIST");
  expect(existsSync(target)).toBe(true);
});
