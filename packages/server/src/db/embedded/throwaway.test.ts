import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { connectDatabase, processStartId, silentLog, startThrowawayPostgres } from "../index.ts";
import { livingPostmaster } from "./postmaster-file.ts";

const homeOf = (url: string): string =>
  dirname(new URLSearchParams(url.split("?")[1]).get("host") ?? "");
const dataPath = (home: string): string => join(home, "cluster", "data");

test("a throwaway PostgreSQL waits for the disk, and is gone without a trace when stopped", async () => {
  const postgres = await startThrowawayPostgres();
  const home = homeOf(postgres.url);
  try {
    expect(livingPostmaster(dataPath(home))).toBeDefined();
    const database = await connectDatabase(postgres.url, { log: silentLog });
    const { rows } = await database.pool.query("show fsync");
    await database.close();
    expect(rows).toEqual([{ fsync: "on" }]);
  } finally {
    await postgres.stop();
  }
  expect(livingPostmaster(dataPath(home))).toBeUndefined();
  expect(existsSync(home)).toBe(false);
});

test("the next throwaway PostgreSQL clears away what a killed process left", async () => {
  const script = new URL("../../../test/run-typescript.mjs", import.meta.url).pathname;
  const fixture = new URL("../../../test/fixtures/throwaway.ts", import.meta.url).pathname;
  const maker = spawn(process.execPath, [script, fixture], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(maker, "exit");
  const [line] = (await once(maker.stdout, "data")) as [Buffer];
  const home = homeOf(line.toString().trim());
  const left = livingPostmaster(dataPath(home));
  maker.kill("SIGKILL");
  await exited;
  await (await startThrowawayPostgres()).stop();
  expect(left).toBeDefined();
  expect(existsSync(home)).toBe(false);
  // Gone, or a zombie that init has yet to reap.
  expect(processStartId(left!.pid)).toBeUndefined();
});
