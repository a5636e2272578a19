import { readdirSync, readlinkSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { jobs } from "../jobs/jobs.fixture.ts";
import { isRunning, type SetUp, setUp } from "../testing/work.fixture.ts";

/** Runs programs until one is the child of a spawner; gives the spawner's pid. */
async function spawnerOf({ run }: Pick<SetUp, "run">): Promise<number> {
  let parent = process.pid;
  await vi.waitFor(
    async () => {
      const { stdout } = await run("sh", { argv: ["sh", "-c", "echo $PPID"] });
      parent = Number(stdout);
      expect(parent).not.toBe(process.pid);
    },
    { interval: 20 },
  );
  return parent;
}

const linux = process.platform === "linux";

/** Of processes that run or are being started. */
function openPipes(): string[] {
  const paths = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return paths.filter((path) => /\/yard-\w+\/\d+$/.test(path));
}

/** Prints its own pid and that of a child that left its group, and stays. */
const STAYS = ["sh", "-c", "echo $$; setsid sleep 99 & echo $!; exec sleep 99"];

test.skipIf(!linux)(
  "a call whose spawner is killed ends with the reason, none of its processes runs on, and the next call goes well",
  async () => {
    const all = setUp();
    const spawner = await spawnerOf(all);
    const id = all.start("sh", { argv: STAYS });
    const pids = () => all.seen(id).trim().split("\n").map(Number);
    await vi.waitFor(() => expect(pids()).toHaveLength(2));
    process.kill(spawner, "SIGKILL");
    expect((await all.outcome(id)).last).toMatchObject({
      status: "error",
      exit_code: -1,
      error: "internal_error",
      error_detail: expect.stringContaining("had started it ended"),
    });
    expect(pids().filter(isRunning)).toEqual([]);
    expect(all.logged).toContainEqual(expect.stringContaining("process that started commands"));
    expect((await all.run("sh", { argv: ["echo", "on"] })).stdout.toString()).toBe("on\n");
  },
);

test.skipIf(!linux)("a job whose spawner is killed fails by SIGKILL, and is gone", async () => {
  const all = jobs();
  const spawner = await spawnerOf(all);
  const lease = all.offer({ argv: STAYS });
  const pids = () => all.logged(lease).trim().split("\n").map(Number);
  await vi.waitFor(() => expect(pids()).toHaveLength(2));
  process.kill(spawner, "SIGKILL");
  expect(await all.result(lease)).toMatchObject({ status: "failed", signal: "SIGKILL" });
  expect(pids().filter(isRunning)).toEqual([]);
});

test.skipIf(!linux)("a job that a killed spawner was to start fails by SIGKILL too", async () => {
  const all = jobs();
  const spawner = await spawnerOf(all);
  process.kill(spawner, "SIGSTOP");
  const lease = all.offer({ argv: STAYS });
  await vi.waitFor(() => expect(openPipes()).not.toEqual([]), { interval: 5 });
  process.kill(spawner, "SIGKILL");
  expect(await all.result(lease)).toMatchObject({ status: "failed", signal: "SIGKILL" });
});

test("the node's spawner goes with the node", async () => {
  const all = setUp();
  const spawner = await spawnerOf(all);
  await all.work.killAll();
  await vi.waitFor(() => expect(isRunning(spawner)).toBe(false));
  expect(all.logged).toEqual([]);
});
