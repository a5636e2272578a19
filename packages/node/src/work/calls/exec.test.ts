import { expect, test } from "vitest";
import { setUp } from "../testing/work.fixture.ts";

test("a command's output, errors and exit code come back", async () => {
  const { run } = setUp();
  const { stdout, stderr, last } = await run(
    "echo out; echo err >&2; exit_code() { return 7; }; exit_code",
  );
  expect(stdout.toString()).toBe("out\n");
  expect(stderr.toString()).toBe("err\n");
  expect(last).toMatchObject({
    status: "error",
    exit_code: 7,
    truncated: false,
    shell_restarted: false,
  });
});
