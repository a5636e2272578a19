import { expect, test } from "vitest";
import { errorOf, outputOf, setUp } from "./attempt.fixture.ts";

test("logs come live, while the process runs", async () => {
  const { sh, logged, abort, logs } = setUp({ now: () => 42 });
  const running = sh("echo out; echo err >&2; while :; do sleep 0.05; done");
  await Promise.all([logged("out\n"), logged("err\n")]);
  expect(logs).toContainEqual({ stream: "stdout", text: "out\n", at: 42 });
  expect(logs).toContainEqual({ stream: "stderr", text: "err\n", at: 42 });
  abort.abort("cancel");
  await running;
});

test("a character that arrives in two pieces is one character", async () => {
  const { sh, textOf, logged } = setUp();
  const running = sh(
    "printf '\\360\\237' >&2; echo gap; sleep 0.1; printf '\\232\\202 \\303' >&2",
    {
      output: "none",
    },
  );
  await logged("gap");
  await running;
  expect(textOf("stderr")).toBe("🚂 \uFFFD");
});

test("a log beyond its limit is cut once, told once, and drained on", async () => {
  const { sh, textOf } = setUp({ outputLimitBytes: 100_000 });
  const result = await sh("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo 1");
  expect(outputOf(result)).toBe(1);
  expect(result.facts).toMatchObject({ stderrBytes: 3_000_000, stderrCut: true });
  expect(result.facts.stdoutCut).toBeUndefined();
  const [kept, notice, ...more] = textOf("stderr").split("\n").filter(Boolean);
  expect(kept).toHaveLength(100_000);
  expect(notice).toBe(
    "[yard] stderr is cut here: only 97.7 KiB (100000 bytes) are kept (YARD_MAX_LOG).",
  );
  expect(more).toEqual([]);
});

test("exactly the limit is not cut", async () => {
  const { sh, textOf } = setUp({ outputLimitBytes: 4 });
  const result = await sh("printf abcd >&2");
  expect(result.facts.stderrCut).toBeUndefined();
  expect(textOf("stderr")).toBe("abcd");
});

test("a log that is slow to take a chunk slows the process instead of filling the memory", async () => {
  const { sh } = setUp();
  const result = await sh("head -c 4000000 /dev/zero | tr '\\0' x >&2; echo 1", {
    timeoutMs: 300,
    onLog: () => new Promise<void>(() => {}),
  });
  expect(result.status).toBe("timed_out");
  expect(result.facts.stderrBytes).toBeLessThan(2_000_000);
});

test("a log that takes its chunks in time misses none", async () => {
  const { sh } = setUp();
  let bytes = 0;
  const result = await sh("head -c 4000000 /dev/zero | tr '\\0' x >&2; echo 1", {
    onLog: ({ text }) => {
      bytes += text.length;
      return new Promise<void>((resolve) => setImmediate(resolve));
    },
  });
  expect(outputOf(result)).toBe(1);
  expect(bytes).toBe(4_000_002);
});

test("a log that never takes its chunk does not hold up the end, and what was printed is read", async () => {
  const { sh } = setUp();
  const script =
    "echo a >&2; sleep 0.1; head -c 150000 /dev/zero | tr '\\0' x >&2; echo >&2; echo b >&2; exit 3";
  const result = await sh(script, { onLog: () => new Promise<void>(() => {}) });
  expect(result.facts.stderrBytes).toBe(150_005);
  expect(errorOf(result).message).toBe("The process exited with code 3: b");
});
