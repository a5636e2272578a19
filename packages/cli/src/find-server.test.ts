import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findServer } from "./find-server.ts";

async function setup() {
  const root = await mkdtemp(join(tmpdir(), "yard-find-"));
  const deep = join(root, "a/b");
  await mkdir(deep, { recursive: true });
  const write = async (folder: string, url?: string) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "admin-token"), "adm1n\n");
    if (url !== undefined)
      await writeFile(join(folder, "server.json"), JSON.stringify({ url, pid: 1, started: "" }));
  };
  return { root, deep, write };
}

test("goes by YARD_URL and YARD_TOKEN before all else", async () => {
  const env = { YARD_URL: "http://there:1", YARD_TOKEN: "t" };
  expect(await findServer({ env, cwd: "/nowhere" })).toEqual({ url: "http://there:1", token: "t" });
});

test("finds the nearest data folder upwards, with its token", async () => {
  const { root, deep, write } = await setup();
  await write(join(root, ".yard"), "http://127.0.0.1:4400");
  expect(await findServer({ env: {}, cwd: deep })).toEqual({
    url: "http://127.0.0.1:4400",
    token: "adm1n",
  });
});

test("takes YARD_DATA from the caller's folder, and no other then", async () => {
  const { root, deep, write } = await setup();
  await write(join(root, ".yard"), "http://127.0.0.1:1");
  await write(join(root, "other"), "http://127.0.0.1:2");
  expect(await findServer({ env: { YARD_DATA: "../../other" }, cwd: deep })).toMatchObject({
    url: "http://127.0.0.1:2",
  });
});

test("does not give the folder's token to another server, but does for its own address", async () => {
  const { root, write } = await setup();
  await write(join(root, ".yard"), "http://127.0.0.1:4400");
  expect(await findServer({ env: { YARD_URL: "http://evil.test" }, cwd: root })).toEqual({
    url: "http://evil.test",
  });
  const own = await findServer({ env: { YARD_URL: "http://127.0.0.1:4400/" }, cwd: root });
  expect(own).toEqual({ url: "http://127.0.0.1:4400/", token: "adm1n" });
});

test("says what to do when there is no data folder, and when no server runs on the one there is", async () => {
  const { root, write } = await setup();
  await expect(findServer({ env: {}, cwd: root })).rejects.toMatchObject({
    code: "unavailable",
    message: /no data folder .yard .* start one with `yard start`/,
  });
  await write(join(root, ".yard"));
  await expect(findServer({ env: {}, cwd: root })).rejects.toMatchObject({
    code: "unavailable",
    message: /is running on .*\.yard; start one/,
  });
});

test("sends YARD_TOKEN nowhere that a folder names alone, which may have come with a repository", async () => {
  const { root, write } = await setup();
  const env = { YARD_TOKEN: "mine" };
  for (const elsewhere of [
    "https://evil.test",
    "http://127.0.0.1.evil.test",
    "http://192.0.2.1:4400",
  ]) {
    await write(join(root, ".yard"), elsewhere);
    await expect(findServer({ env, cwd: root })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(`names ${elsewhere}, which is not on this machine`),
    });
    expect(await findServer({ env: { ...env, YARD_URL: elsewhere }, cwd: "/nowhere" })).toEqual({
      url: elsewhere,
      token: "mine",
    });
  }
  for (const url of ["http://[::1]:4400", "http://[::]:4400", "https://localhost:4400"]) {
    await write(join(root, ".yard"), url);
    expect(await findServer({ env, cwd: root })).toEqual({ url, token: "mine" });
  }
});

test("tells a server.json that is none", async () => {
  const { root, write } = await setup();
  await write(join(root, ".yard"), "not an address");
  await expect(findServer({ env: {}, cwd: root })).rejects.toMatchObject({
    message: /server.json is not what a server writes/,
  });
});

test("says of a server that is stopping until when, and not to start another", async () => {
  const { root, write } = await setup();
  await write(join(root, ".yard"));
  const times = { since: "2026-01-01T00:00:00.000Z", until: "2026-01-01T00:00:30.000Z" };
  const note = (owner: object) =>
    writeFile(join(root, ".yard/owner.json"), JSON.stringify({ ...owner, stopping: times }));
  await note({ pid: process.pid });
  await expect(findServer({ env: {}, cwd: root })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/is stopping since .* until 2026-01-01T00:00:30.*`kill \d+`/),
  });
  // It was killed, and left its note behind. No process has so high a number.
  await note({ pid: 2 ** 30 });
  await expect(findServer({ env: {}, cwd: root })).rejects.toMatchObject({
    message: expect.stringContaining("No Yardmaster server is running"),
  });
});
