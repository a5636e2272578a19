import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { errorOf, outputOf, setUp } from "../attempt.fixture.ts";

/** Shells with a program for each that needs this very shell, and what it prints for the argument `a b`. */
const SHELLS = [
  ["bash", 'set -- "$@" x; echo "${1^^} ${#@} ${BASH_VERSION:+bash}"', "A B 2 bash"],
  ["zsh", 'words=(p q); echo "$1 $words[2] ${ZSH_VERSION:+zsh}"', "a b q zsh"],
  ["python3", "import sys; print(sys.argv[1], 6 * 7)", "a b 42"],
  ["perl", 'print "$ARGV[0] " . 6 * 7', "a b 42"],
  ["ruby", 'puts "#{ARGV[0]} #{6 * 7}"', "a b 42"],
  ["pwsh", "Write-Output (6 * 7)", "42"],
] as const;

for (const [shell, script, expected] of SHELLS) {
  const isThere = has(shell);
  if (!isThere) console.log(`skipped: no ${shell} on this machine, scripts for it were not tested`);
  test.skipIf(!isThere)(`a script runs under ${shell}, with its arguments`, async () => {
    const { sh } = setUp();
    expect(outputOf(await sh(script, { shell, args: ["a b"], output: "text" }))).toBe(expected);
  });
}

test.skipIf(!has("bash"))(
  "the flags of a shell are its own: what they do not say does not hold",
  async () => {
    const { sh } = setUp();
    const strict = { shell: "bash -euo pipefail", output: "text" } as const;
    expect(errorOf(await sh("false | true; echo on", strict)).code).toBe("process_exit");
    expect(outputOf(await sh("false | true; echo on", { ...strict, shell: "bash" }))).toBe("on");
  },
);

test.skipIf(!has("bash"))("a bash does not read the ~/.bashrc of the worker's user", async () => {
  const home = setUp();
  home.file(".bashrc", "echo from the bashrc\n");
  const { sh } = setUp({ environment: { PATH: process.env["PATH"], HOME: home.pack } });
  expect(outputOf(await sh("echo 1", { shell: "bash" }))).toBe(1);
});

test("the input is on stdin of a script, whatever its shell", async () => {
  const { sh } = setUp();
  const script = "process.stdin.on('data', (part) => process.stdout.write(part))";
  const result = await sh(script, { shell: process.execPath, input: { a: 1 } });
  expect(outputOf(result)).toEqual({ a: 1 });
});

test("a shell that is not there is told with what to do", async () => {
  const { sh } = setUp();
  const missing = errorOf(await sh("x", { shell: "no-such-shell -eu" }));
  expect(missing).toMatchObject({ code: "process_start", details: { file: "no-such-shell" } });
  expect(missing.message).toMatch(/not on the PATH of the worker.*\. Install it there/);
  const path = errorOf(await sh("x", { shell: "/no/such/zsh -eu" }));
  expect(path.message).toContain("there is no such file");
});

function has(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
