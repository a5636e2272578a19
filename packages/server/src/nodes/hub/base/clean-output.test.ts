import { tmpdir } from "node:os";
import { describe, expect, it, onTestFinished } from "vitest";
import { startBaseShell } from "./base-shell.fixture.ts";
import { cleanStderr, isRelocated, stdoutEnd } from "./clean-output.ts";
import { createHeldMarker } from "./held-marker.ts";

function shell() {
  const started = startBaseShell(tmpdir());
  onTestFinished(() => started.close());
  return started;
}

/** What a command wrote, out of what a base client's shell made of it. */
async function cleaned(run: ReturnType<typeof startBaseShell>, command: string) {
  const { stdout, stderr } = await run.run(command);
  const bytes = Buffer.from(stdout);
  return {
    stdout: bytes.subarray(0, stdoutEnd(bytes)).toString(),
    stderr: cleanStderr(stderr, command),
  };
}

describe("the output of a real interactive bash", () => {
  it.each([
    ["nothing", ":", "", ""],
    ["both streams", "echo out; echo err >&2", "out\n", "err\n"],
    ["no final newline", "printf out; printf err >&2", "out", "err"],
    ["several lines", "echo a\necho b >&2\necho c >&2", "a\n", "b\nc\n"],
    ["quotes", `echo "it's"; echo 'a "b"' >&2`, "it's\n", 'a "b"\n'],
    ["a text that looks like its own", "echo '__hermes_ec=$?' >&2", "", "__hermes_ec=$?\n"],
    ["an echo that looks like its own", "echo \"eval 'x'\" >&2", "", "eval 'x'\n"],
    ["a here-document", "cat <<END >&2\none\ntwo\nEND", "", "one\ntwo\n"],
    ["a trailing newline in the command", "echo x >&2\n", "", "x\n"],
  ])("is %s again", async (_what, command, stdout, stderr) => {
    const started = shell();
    expect(await cleaned(started, command)).toEqual({ stdout, stderr });
    // And once more, behind what is left of the call before.
    expect(await cleaned(started, command)).toEqual({ stdout, stderr });
  });

  it("is left as it came where its framing is not found", () => {
    for (const text of ["", "plain\n", "eval 'ls'\nno end\n", "__hermes_ec=$?\n"])
      expect(cleanStderr(text, "ls")).toBe(text);
  });

  it("keeps a prompt out", () => {
    const stderr =
      "bash-5.2$ eval 'ls'\nerr\nbash-5.2$ __hermes_ec=$?\nbash-5.2$ echo '__HERMES_STDBUF_1__' >&2\n__HERMES_STDBUF_1__\n";
    expect(cleanStderr(stderr, "ls")).toBe("err\n");
  });

  it("is found behind the lines that change the directory", () => {
    const end = "__hermes_ec=$?\necho '__HERMES_STDBUF_4__' >&2\n__HERMES_STDBUF_4__\n";
    const stderr = `eval 'cd '\\''/srv'\\''\n> true\n> ls'\nerr\n${end}`;
    expect(cleanStderr(stderr, "ls")).toBe("err\n");
  });
});

it("knows a command that was run in another directory", () => {
  expect(isRelocated("[hermes-node: cwd was outside allowed_paths; using /srv]\nx")).toBe(true);
  expect(isRelocated("a\n[hermes-node: cwd was outside allowed_paths]\n")).toBe(true);
  expect(isRelocated("echo [hermes-node: cwd was outside allowed_paths")).toBe(false);
});

it("holds a marker back until more comes, and drops it at the end", () => {
  const pass = (pieces: readonly string[]): string => {
    const held = createHeldMarker();
    return pieces.flatMap((piece) => held.pass(Buffer.from(piece))).join("");
  };
  expect(pass(["foo__HERMES_END_3__\n"])).toBe("foo");
  expect(pass(["foo__HERMES_END_3__\n", "", "bar\n"])).toBe("foo__HERMES_END_3__\nbar\n");
  expect(pass(["a\n", "__HERMES_END_3__"])).toBe("a\n__HERMES_END_3__");
});
