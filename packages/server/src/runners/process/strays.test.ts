import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isRunning, outputOf, setUp, untilGone } from "../attempt.fixture.ts";
import type { LogChunk } from "../runner.ts";
import { createStrays } from "./strays.ts";

const linux = existsSync("/proc/self");
if (!linux) console.log("skipped: no /proc, processes that escape by setsid were not tested");
const escaping = test.skipIf(!linux);

/** Leaves its group and all pipes; ends once it is out, so that nothing at the end of the attempt speaks of it. */
const ESCAPE = `setsid sh -c 'echo $$ >"$TMPDIR/out"; exec sleep 30' >/dev/null 2>&1 </dev/null &
while [ ! -s "$TMPDIR/out" ]; do sleep 0.01; done; cat "$TMPDIR/out"`;

escaping("what escaped by setsid and holds no pipe is killed after the end, and told", async () => {
  const { sh } = setUp({ strays: createStrays(20) });
  const late: LogChunk[] = [];
  const result = await sh(ESCAPE, { onLateLog: (chunk) => void late.push(chunk) });
  expect(result.facts.leftBehind).toBeUndefined();
  await untilGone(Number(outputOf(result)));
  await expect.poll(() => late).toHaveLength(1);
  expect(late[0]).toMatchObject({
    stream: "stderr",
    text: "[yard] 1 process that had left its process group still ran at its end: it was killed.\n",
  });
});

escaping("what escaped from a failed attempt is killed too", async () => {
  const { sh, work } = setUp({ strays: createStrays(20) });
  const result = await sh(`${ESCAPE}; exit 3`);
  expect(result.status).toBe("failed");
  await untilGone(Number(readFileSync(join(work, "out"), "utf8")));
});

escaping("an attempt that goes on keeps what it has started, while others end", async () => {
  const strays = createStrays(20);
  const { sh, logged, work, abort } = setUp({ strays });
  const going = sh(`${ESCAPE}; echo ready >&2; while :; do sleep 0.05; done`);
  await logged("ready");
  const pid = Number(readFileSync(join(work, "out"), "utf8"));
  await sh("echo 1", { attempt: 3 });
  await strays.close();
  expect(isRunning(pid)).toBe(true);
  abort.abort("cancel");
  await going;
  await untilGone(pid);
});

escaping("closing looks at once, however long the next look is away", async () => {
  const strays = createStrays(60_000);
  const { sh } = setUp({ strays });
  const pid = Number(outputOf(await sh(ESCAPE)));
  expect(isRunning(pid)).toBe(true);
  await strays.close();
  expect(isRunning(pid)).toBe(false);
});
