import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BASE, setUp } from "../testing/work.fixture.ts";

const MIB = 1024 * 1024;

/** Text that was once taken for a word of the shell's, ends of lines of all kinds, bytes that are no text. */
const ODD = [
  "",
  "x",
  "no newline at the end",
  "\n",
  "a\r\nb\r\n",
  "EXIT 3\n",
  "EXIT 3",
  "__HERMES_END_1__\n",
  "__hermes_ec=$?\n",
  "\0",
  "\0abc d 0 /\0",
  "\x04",
  "\xff\xfe",
  "\x80",
  "\u001b[2J",
  " ",
  "'\"`$(\\",
].map((text) => Buffer.from(text, "latin1"));

test("whatever bytes a command writes, they come back as they are, on both streams", {
  timeout: 60_000,
}, async () => {
  const { run, allowed } = setUp();
  const piece = fc.oneof(
    fc.constantFrom(...ODD),
    fc.uint8Array({ maxLength: 300 }).map((x) => Buffer.from(x)),
  );
  const bytes = fc.array(piece, { maxLength: 6 }).map((parts) => Buffer.concat(parts));
  // Many outputs in one call, each in a file; what is compared is each one's place in the stream.
  const files = Array.from({ length: 100 }, (_, index) => join(allowed, String(index)));
  const property = fc.asyncProperty(
    fc.array(bytes, { minLength: 100, maxLength: 100 }),
    fc.array(bytes, { minLength: 100, maxLength: 100 }),
    async (outs, errs) => {
      for (const [index, file] of files.entries()) {
        writeFileSync(`${file}.out`, outs[index] ?? "");
        writeFileSync(`${file}.err`, errs[index] ?? "");
      }
      const { stdout, stderr, last } = await run(
        `for i in $(seq 0 99); do cat ${allowed}/$i.out; cat ${allowed}/$i.err >&2; done`,
      );
      expect(last).toMatchObject({ exit_code: 0, truncated: false });
      expect(stdout.equals(Buffer.concat(outs))).toBe(true);
      expect(stderr.equals(Buffer.concat(errs))).toBe(true);
    },
  );
  await fc.assert(property, { numRuns: 10 });
});

test("each single output is exact, with nothing before or behind it", {
  timeout: 60_000,
}, async () => {
  const { run, allowed } = setUp();
  const file = join(allowed, "f");
  const property = fc.asyncProperty(
    fc.oneof(
      fc.constantFrom(...ODD),
      fc.uint8Array({ maxLength: 2_000 }).map((x) => Buffer.from(x)),
    ),
    async (bytes) => {
      writeFileSync(file, bytes);
      const { stdout, stderr } = await run(`cat ${file}; cat ${file} >&2`);
      expect(stdout.equals(bytes) && stderr.equals(bytes)).toBe(true);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test("a line of 50 MiB comes through whole", async () => {
  const { run } = setUp();
  const { stdout, last } = await run("head -c 52428800 /dev/zero | tr '\\0' x", {
    max_output_bytes: 64 * MIB,
  });
  expect(last).toMatchObject({ exit_code: 0, truncated: false });
  expect(stdout.length).toBe(50 * MIB);
  expect(stdout.equals(Buffer.alloc(50 * MIB, "x"))).toBe(true);
});

test("there is no limit for a session, only for a call", async () => {
  const { run } = setUp();
  const command = `head -c ${MIB} /dev/zero >&2`;
  for (let call = 0; call < 100; call += 1) {
    const { stderr, last } = await run(command);
    if (stderr.length !== MIB || last.truncated === true) expect({ call, last }).toBe(undefined);
  }
  expect((await run("echo on")).stdout.toString()).toBe("on\n");
});

test("output that is cut says so, on which stream, at the very byte", async () => {
  const { run } = setUp();
  const whole = await run("head -c 10485760 /dev/zero");
  expect(whole.last).toMatchObject({ truncated: false, stdout_truncated: false });
  expect(whole.stdout.length).toBe(10 * MIB);
  const cut = await run("head -c 10485761 /dev/zero; echo fine >&2; (exit 5)");
  expect(cut.stdout.length).toBe(10 * MIB);
  expect(cut.stderr.toString()).toBe("fine\n");
  expect(cut.last).toMatchObject({
    truncated: true,
    stdout_truncated: true,
    stderr_truncated: false,
    exit_code: 5,
  });
});

test("the limit of a call is its own", async () => {
  const { run } = setUp();
  const { stdout, stderr, last } = await run("echo 12345; echo 123 >&2", { max_output_bytes: 4 });
  expect([stdout.toString(), stderr.toString()]).toEqual(["1234", "123\n"]);
  expect(last).toMatchObject({ stdout_truncated: true, stderr_truncated: false });
});

test("a session without streams gets one result, with both streams as text", async () => {
  const { start, link } = setUp({ capabilities: BASE });
  const id = start("printf 'caf\\303\\251 \\377\\n'; echo err >&2; (exit 2)");
  const result = await link().next("exec_result", (frame) => frame.id === id);
  expect(result).toMatchObject({
    status: "error",
    exit_code: 2,
    stdout: "café \ufffd\n",
    stderr: "err\n",
    truncated: false,
  });
  expect(link().frames.some(({ type }) => type === "exec_chunk")).toBe(false);
});

test("a result that its JSON would make too large for a message is cut, and says so", async () => {
  const { start, link } = setUp({ capabilities: BASE });
  const id = start("head -c 10000000 /dev/zero | tr '\\0' '\\1'; echo err >&2");
  const result = await link().next("exec_result", (frame) => frame.id === id);
  expect(JSON.stringify(result).length).toBeLessThan(12 * MIB); // A third more when encrypted.
  expect(result).toMatchObject({ truncated: true, stdout_truncated: true, exit_code: 0 });
  expect(result.stdout.length).toBeGreaterThan(1.5 * MIB);
});

test("what is printed in the background after the end belongs to no other call", async () => {
  const { run, allowed } = setUp();
  const first = await run(
    `(while [ ! -e ${allowed}/go ]; do sleep 0.01; done; echo LATE; echo LATE >&2; touch ${allowed}/said) & echo first`,
  );
  expect(first.stdout.toString()).toBe("first\n");
  const second = await run(
    `touch ${allowed}/go; while [ ! -e ${allowed}/said ]; do sleep 0.01; done; echo second`,
  );
  expect(second.stdout.toString()).toBe("second\n");
  expect(second.stderr.toString()).toBe("");
});

test("a process in the background may go on writing: it is neither blocked nor killed", async () => {
  const { run, allowed } = setUp();
  await run(`(head -c 1000000 /dev/zero; touch ${allowed}/written) &`);
  const { last } = await run(`while [ ! -e ${allowed}/written ]; do sleep 0.01; done`);
  expect(last.status).toBe("ok");
});

test("output by way of /dev/stdout and /dev/stderr works, as on a terminal", async () => {
  const { run } = setUp();
  for (const shell of ["session", "fresh"] as const) {
    const { stdout, stderr } = await run("echo a > /dev/stdout; echo b > /dev/stderr", { shell });
    expect([stdout.toString(), stderr.toString()]).toEqual(["a\n", "b\n"]);
  }
});

test("random bytes by a process without a shell are exact too", async () => {
  const { run, allowed } = setUp();
  const bytes = randomBytes(300_000);
  writeFileSync(join(allowed, "f"), bytes);
  const { stdout } = await run("cat", { argv: ["cat", join(allowed, "f")] });
  expect(stdout.equals(bytes)).toBe(true);
});
